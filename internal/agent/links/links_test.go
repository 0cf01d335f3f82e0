package links

import (
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSplitLines(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text, want string
		links      []Link
	}{
		"nothing":   {"# a\n[general]\nkey value\n", "# a\n[general]\nkey value\n", nil},
		"a key":     {"a b\ntenant x\nc d", "a b\nc d", []Link{{Tenant, "x"}}},
		"by equals": {"tenantToken = x\n", "", []Link{{TenantToken, "x"}}},
		"any case":  {"TENANT x\n", "", []Link{{Tenant, "x"}}},
		"indented":  {"\t tenant\t x \r\nb\r\n", "b\r\n", []Link{{Tenant, "x"}}},
		"no value":  {"tenant\n", "", nil},
		"a comment": {"# tenant x\n; tenant x\n", "# tenant x\n; tenant x\n", nil},
		"a section": {"[tenant]\n", "[tenant]\n", nil},
		"another":   {"tenants x\n", "tenants x\n", nil},
		"a mark":    {"\ufefftenant x\n", "", []Link{{Tenant, "x"}}},
		"endpoints": {`server {https://a;"https://b" ; }`, "", []Link{{Endpoint, "https://a"}, {Endpoint, "https://b"}}},
		"a setting": {"hostGroup x y\n", "", []Link{{Setting, "x y"}}},
	} {
		got, links := File{Keys: confKeys}.Split([]byte(tt.text))
		require.Equal(t, tt.want, string(got), name)
		require.Equal(t, tt.links, links, name)
	}
}

func TestSplitStatements(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text, want string
		links      []Link
	}{
		"export":        {"export DT_TENANT=x\necho", ":\necho", []Link{{Tenant, "x"}}},
		"quoted":        {`export DT_TENANT="x"` + "\n", ":\n", []Link{{Tenant, "x"}}},
		"two":           {"export DT_TENANT=x DT_TENANTTOKEN='y z'\n", ":\n", []Link{{Tenant, "x"}, {TenantToken, "y z"}}},
		"then exported": {"DT_TENANT=x; export DT_TENANT\n", ":\n", []Link{{Tenant, "x"}}},
		"with a remark": {"DT_TENANT=x # whose\necho\n", ":\necho\n", []Link{{Tenant, "x"}}},
		"several lines": {
			"export DT_CONNECTION_POINT=\"https://a;\n  https://b\"\necho\n", ":\necho\n",
			[]Link{{Endpoint, "https://a"}, {Endpoint, "https://b"}},
		},
		"carried on": {"export \\\n  DT_TENANT=x \\\n  DT_TENANTTOKEN=y\necho\n", ":\necho\n", []Link{{Tenant, "x"}, {TenantToken, "y"}}},
		"an apostrophe in a comment": {
			"# don't\nexport DT_TENANT=x\n# can't\n", "# don't\n:\n# can't\n", []Link{{Tenant, "x"}},
		},
		"a quotation without an end": {"echo it's\nexport DT_TENANT=x\n", "echo it's\n:\n", []Link{{Tenant, "x"}}},
		"a hash in a word":           {"export DT_TENANT=x#'\ny'\necho\n", ":\necho\n", []Link{{Tenant, "x#\ny"}}},
		"used":                       {"echo \"$DT_TENANT\"\n[ -n \"$DT_TENANT\" ]\n", "echo \"$DT_TENANT\"\n[ -n \"$DT_TENANT\" ]\n", nil},
	} {
		got, links := File{Keys: envKeys, Shell: true}.Split([]byte(tt.text))
		require.Equal(t, tt.want, string(got), name)
		require.Equal(t, tt.links, links, name)
	}
}

// TestTheEnvFileCanBeSourced by the shell that is in most images, in the forms
// that such a file may have, and says nothing any more.
func TestTheEnvFileCanBeSourced(t *testing.T) {
	t.Parallel()
	busybox, err := exec.LookPath("busybox")
	require.NoError(t, err)
	for name, text := range map[string]string{
		"plain":         "export DT_TENANT=x\nexport DT_TENANTTOKEN=y\nexport DT_CONNECTION_POINT=\"https://a;https://b\"\n",
		"in conditions": "if [ -z \"$DT_TENANT\" ]; then\n  export DT_TENANT=x\nfi\nif true; then\n  DT_TENANTTOKEN='y\n'\nelse\n  DT_TENANTTOKEN=z\nfi\nexport DT_TENANTTOKEN\n",
		"in a function": "f() {\nexport DT_TENANT=x\n}\nf\n",
		"with an end":   "case $- in\n*x*) ;;\n*)\n  DT_TENANT=y;;\nesac\ncase $- in\n*)\n  DT_TENANT=y ;; # as ever\n*x*) ;;\nesac\n",
		"in a case":     "case $- in\n*x*)\n  DT_TENANT=x\n  ;;\n*)\n  DT_TENANT=y\n  ;;\nesac\n",
	} {
		clean, links := File{Keys: envKeys, Shell: true}.Split([]byte(text))
		require.NotEmpty(t, links, name)
		file := filepath.Join(t.TempDir(), "env.sh")
		require.NoError(t, os.WriteFile(file, clean, 0o600))
		cmd := exec.CommandContext(t.Context(), busybox, "sh", "-e", "-c", `. "$1"; echo "$DT_TENANT$DT_TENANTTOKEN$DT_CONNECTION_POINT."`, "sh", file)
		cmd.Env = []string{}
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", name, out)
		require.Equal(t, ".\n", string(out), name)
	}
}

// TestShellWords_AreThoseOfAShell, where nothing is set.
func TestShellWords_AreThoseOfAShell(t *testing.T) {
	t.Parallel()
	busybox, err := exec.LookPath("busybox")
	require.NoError(t, err)
	for _, word := range []string{
		`abc`, `"a b"`, `'a "b'`, `a\ b\"c`, `"a\b\$c\"d"`, `"it's"`, `${A:-abc}`, `${A-abc}`, `${A:=abc}`, `"${A:-a b}"`, `"${A:-it's}"`,
		`${A:-"a b"c}`, `${A:-'a}b'}`, `${A:-a\}b}`, `"${A:-a\}b}"`, `${A:-{x}}`, `${A:-{*https://a;https://b}{https://c}}`, `${A:-${B:-${C-d}}}e`,
		"a\\\nb", "'a\nb'", `a$`, `"$"`, `a#b`, `"${A:-"a b"}c"`,
	} {
		out, err := exec.CommandContext(t.Context(), busybox, "env", "-i", busybox, "sh", "-c", "printf %s "+word).Output()
		require.NoError(t, err, word)
		words := parseStatement(word).words
		require.Equal(t, []string{string(out)}, words, word)
	}
}

// FuzzSplit: all else stays as it is, in its order. A link stays only in a
// statement of a script that does more, and then links are returned.
func FuzzSplit(f *testing.F) {
	f.Add([]byte("# settings\n[general]\ntenant x\nserverAddress {https://a;https://b}\nstorage \"/var/x y\"\n"), false)
	f.Add([]byte("export DT_TENANT=x \\\n DT_TENANTTOKEN='y\n'\necho # it's\n"), true)
	f.Add([]byte("[ \"$DT_TENANT\" ] || DT_TENANT=abc12345\n"), true)
	f.Add([]byte("# env\nDT_TENANT=${DT_TENANT:-{$tenant}}\nexport DT_TENANT\n: \"${DT_TENANTTOKEN:=a}\"\n"), true)
	f.Fuzz(func(t *testing.T, text []byte, shell bool) {
		file := File{Keys: confKeys}
		if shell {
			file = File{Keys: envKeys, Shell: true}
		}
		clean, found := file.Split(text)
		again, stay := file.Split(clean)
		if len(stay) > 0 {
			require.True(t, shell)
			require.NotEmpty(t, found)
		}
		require.Equal(t, string(clean), string(again))
		rest := slices.Collect(strings.Lines(string(text)))
		for line := range strings.Lines(string(clean)) {
			// Whether it was there or stands in for a link, nothing can be said of it.
			if shell && (line == nothing || line == nothingInCase) {
				continue
			}
			i := slices.Index(rest, line)
			require.GreaterOrEqual(t, i, 0, "%q was not there, or elsewhere", line)
			rest = rest[i+1:]
		}
	})
}

// FuzzSplitManifest: what it leaves is the same JSON without them.
func FuzzSplitManifest(f *testing.F) {
	f.Add([]byte(`{"version":"1","tenantUUID":"x","communicationEndpoints":["a","b"],"x":{"tenantUUID":1}}`))
	f.Add([]byte(`{"\u0074enantToken":"x","tenantToken":"` + rand.Text() + `"} `))
	f.Fuzz(func(t *testing.T, text []byte) {
		clean, _, err := SplitManifest(text)
		if err != nil {
			return
		}
		again, links, err := SplitManifest(clean)
		require.NoError(t, err)
		require.Empty(t, links)
		require.Equal(t, clean, again)
	})
}

// TestLinkValues_APIAddressOfAWebPage looks for the host that was given and for
// that of the API: an image may hold either.
func TestLinkValues_APIAddressOfAWebPage(t *testing.T) {
	t.Parallel()
	var hosts []string
	for _, v := range (Link{APIAddress, "https://xyz98765.sprint.apps.dynatracelabs.com/ui/apps?x=y"}).Values() {
		if v.Kind == "API address host" {
			hosts = append(hosts, v.Value)
		}
	}
	require.Equal(t, []string{"xyz98765.sprint.apps.dynatracelabs.com", "xyz98765.sprint.dynatracelabs.com"}, hosts)
}
