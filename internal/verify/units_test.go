package verify

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/verify/image"
	"github.com/stretchr/testify/require"
)

func TestVerdict_TellsTheWorst(t *testing.T) {
	good, bare := Platform{Instrumented: true}, Platform{}
	wrong := Platform{Instrumented: true, Wrong: "x"}
	diverts := Platform{Diverts: []string{"x"}}
	for _, tt := range []struct {
		platforms []Platform
		leaks     int
		want      Verdict
	}{
		{nil, 0, Clean}, {[]Platform{good}, 0, Clean}, {[]Platform{good, bare}, 0, NotInstrumented}, {[]Platform{bare, diverts}, 0, Diverting},
		{[]Platform{diverts, bare}, 0, Diverting}, {[]Platform{diverts, wrong}, 0, OtherAgent}, {[]Platform{wrong, diverts, bare}, 0, OtherAgent},
		{[]Platform{wrong}, 1, Leaking}, {[]Platform{good}, 1, Leaking}, {nil, 1, Leaking},
	} {
		r := &Report{Platforms: tt.platforms, Leaks: make([]Leak, tt.leaks)}
		require.Equal(t, tt.want, r.verdict(), "%v", tt)
	}
}

// links returns n symlinks that lead through one another to "end".
func chain(n int) map[string]string {
	out := map[string]string{}
	for i := range n {
		out[fmt.Sprint("l", i)] = fmt.Sprint("l", i+1)
	}
	out[fmt.Sprint("l", n-1)] = "end"
	return out
}

func TestResolve_FollowsSymlinksAsTheKernelDoes(t *testing.T) {
	for name, tt := range map[string]struct {
		links    map[string]string
		path, to string
	}{
		"no symlink":      {nil, "a/./b//c", "a/b/c"},
		"a directory":     {map[string]string{"lib": "usr/lib"}, "lib/x", "usr/lib/x"},
		"absolute":        {map[string]string{"a/lib": "/usr/lib"}, "a/lib/x", "usr/lib/x"},
		"relative":        {map[string]string{"a/b/l": "../c"}, "a/b/l/x", "a/c/x"},
		"above the root":  {map[string]string{"l": "../../etc"}, "l/x", "etc/x"},
		"dots behind one": {map[string]string{"l": "a/b"}, "l/../x", "a/x"},
		"below another":   {map[string]string{"a": "b", "b/l": "c"}, "a/l/x", "b/c/x"},
		"one in a target": {map[string]string{"l": "m/..", "m": "a/b"}, "l/x", "a/x"},
		"40 of them":      {chain(40), "l0", "end"},
		"41 of them":      {chain(41), "l0", ""},
		"a loop":          {map[string]string{"a": "b", "b": "a"}, "a/x", ""},
	} {
		b := newBudget(t.Context(), Options{})
		before := b.facts
		tree := newSymlinkTree(b)
		require.NoError(t, tree.add(tt.links))
		to, ok, err := tree.resolve(tt.path)
		require.NoError(t, err, name)
		require.Equal(t, tt.to, to, name)
		require.Equal(t, tt.to != "", ok, name)
		tree.close()
		require.Equal(t, before, b.facts, "%s: the budget has all of it again", name)
	}
}

func TestFinalLinks_AreThoseOfTheLastLayer(t *testing.T) {
	b := newBudget(t.Context(), Options{})
	below, above := newFacts(true, b), newFacts(true, b)
	for _, name := range []string{"kept", "gone", "dir/a", "emptied/a", "emptied/b/c", "file", "again"} {
		below.symlinks[name] = "old"
	}
	above.gone["gone"], above.gone["dir"], above.emptied["emptied"] = true, true, true
	above.files["file"] = &fact{}
	above.symlinks["again"] = "new"
	tree, err := finalLinks([]*layer{{facts: below}, {facts: above}}, b)
	require.NoError(t, err)
	for name, want := range map[string]string{
		"kept": "old", "gone": "gone", "dir/a": "dir/a", "emptied/a": "emptied/a", "emptied/b/c": "emptied/b/c", "file": "file", "again": "new",
	} {
		to, ok, err := tree.resolve(name)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, want, to, name)
	}
	whole := newFacts(true, b)
	whole.emptied[""] = true
	require.True(t, whole.removes("a"))
	require.True(t, whole.removes("a/b"))
	require.False(t, newFacts(true, b).removes("a/b"))
}

func TestBudget_EndsWhereItIsSpent(t *testing.T) {
	for spend, want := range map[int]bool{10: true, 11: false} {
		b := newBudget(t.Context(), Options{MaxBytes: 10, MaxFacts: 10})
		b.Stored(1000)
		require.Equal(t, want, b.Unpacked(spend) == nil, "what is stored earns nothing")
		require.Equal(t, want, b.keep(spend) == nil)
	}
	b := newBudget(t.Context(), Options{MaxFacts: 3})
	require.NoError(t, b.Keep(strings.Repeat("a", 127)))
	require.EqualValues(t, 2, b.facts)
	require.NoError(t, b.Keep(strings.Repeat("a", 128)))
	require.Zero(t, b.facts)
	err := b.Keep("")
	require.EqualError(t, err, "it has more than the 3 paths and texts that an audit keeps in memory: give --max-facts if it is not hostile")
	b.Drop(strings.Repeat("a", 128))
	require.EqualValues(t, 1, b.facts)

	earned := newBudget(t.Context(), Options{})
	earned.Stored(2)
	require.NoError(t, earned.Unpacked(4<<30+100))
	require.EqualError(t, earned.Unpacked(1), "it holds more than the 4294967396 bytes that an audit of it looks at: give --max-bytes if it is not hostile")

	steps := newBudget(t.Context(), Options{MaxBytes: 32 * 4})
	require.NoError(t, steps.work(3))
	require.Error(t, steps.work(0))
	for left, want := range map[int64]bool{31: false, 32: true} {
		r := counted{strings.NewReader("a"), newBudget(t.Context(), Options{MaxBytes: left})}
		n, err := r.Read(make([]byte, 8))
		require.Equal(t, want, err == nil)
		require.Equal(t, want, n == 1)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, newBudget(ctx, Options{}).work(0), context.Canceled)
}

func TestPlatformDir_FindsTheDirectoryOfModules(t *testing.T) {
	for name, want := range map[string]string{
		"opt/dynatrace/oneagent/agent/bin/linux-x86-64":                "opt/dynatrace/oneagent/agent/bin/linux-x86-64",
		"opt/dynatrace/oneagent/agent/bin/linux-x86-64/x/y":            "opt/dynatrace/oneagent/agent/bin/linux-x86-64",
		"opt/dynatrace/oneagent/agent/bin/1.2.3/linux-musl-x86-64/lib": "opt/dynatrace/oneagent/agent/bin/1.2.3/linux-musl-x86-64",
		"opt/dynatrace/oneagent/agent/bin/1.2.3/more/linux-x86-64/x":   "",
		"opt/dynatrace/oneagent/agent/bin/1.2.3":                       "",
		"opt/dynatrace/oneagent/agent/conf/linux-x86-64":               "",
		"a/agent/bin/linux-x86-64/agent/bin/linux-musl-x86-64/lib":     "a/agent/bin/linux-x86-64/agent/bin/linux-musl-x86-64",
	} {
		got, ok := platformDir(name)
		require.Equal(t, want, got, name)
		require.Equal(t, want != "", ok, name)
	}
}

func TestMayLead_LeavesOutDeepAndLongSymlinks(t *testing.T) {
	require.True(t, mayLead("1/2/3/4/5/6", "x"))
	require.False(t, mayLead("1/2/3/4/5/6/7", "x"))
	require.True(t, mayLead("a", strings.Repeat("x", 255)))
	require.False(t, mayLead("a", strings.Repeat("x", 256)))
}

func TestPartOf_NamesEachRole(t *testing.T) {
	require.Equal(t, []Part{PartLayer, PartAttestation, PartArtifact}, []Part{partOf(image.RoleImage), partOf(image.RoleAttestation), partOf(image.RoleOther)})
}

func TestLooksPacked_KnowsHowArchivesBegin(t *testing.T) {
	tar := strings.Repeat("\x00", 257) + "ustar"
	for head, want := range map[string]bool{
		"PK\x03": true, "\x1f\x8b": true, "BZh9": true, "x\x01": true, "x\x5e": true, "x\x9c": true, "x\xda": true, "#!/bin/sh": true, tar: true,
		"": false, "P": false, "\x1f": false, "BZ": false, "x": false, "#": false, tar[:261]: false, "x" + tar: false, tar[:257] + "usta_": false, "xy": false,
	} {
		require.Equal(t, want, looksPacked([]byte(head)), "%.10q %d", head, len(head))
	}
}

func TestSpool_KeepsWhatIsLookedAtTwice(t *testing.T) {
	s, err := newSpool(t.TempDir(), 4)
	require.NoError(t, err)
	defer s.close()
	for name, tt := range map[string]struct{ text, small, kept string }{
		"nothing":       {"", "", ""},
		"as much":       {"abcd", "abcd", "abcd"},
		"more":          {"abcde", "", ""},
		"an archive":    {"PKabcdef", "", "PKabcdef"},
		"a shorter one": {"PKxyz", "", "PKxyz"},
	} {
		f, err := s.read("name", strings.NewReader(tt.text), scan.New(nil).Stream())
		require.NoError(t, err, name)
		require.EqualValues(t, len(tt.text), f.size, name)
		require.Equal(t, tt.small, string(f.small), name)
		if len(tt.text) > 4 && tt.kept == "" {
			require.Nil(t, f.kept, name)
			continue
		}
		dt, err := io.ReadAll(io.NewSectionReader(f.kept, 0, 100))
		require.NoError(t, err)
		require.Equal(t, tt.kept, string(dt), "%s: nothing is left of another file", name)
	}
	broken := errors.New("the layer ends here")
	for _, text := range []string{"ab", "abcdef"} {
		_, err = s.read("name", io.MultiReader(strings.NewReader(text), failing{broken}), scan.New(nil).Stream())
		require.ErrorIs(t, err, broken)
	}
	_, err = newSpool("/no/such/directory", 4)
	require.ErrorContains(t, err, "making a temporary file")
}

// failing is a reader that fails.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestDecodeBase64_ReadsBothAlphabets(t *testing.T) {
	for text, want := range map[string]string{"YQ": "a", "YQ==": "a", "+/+/": "\xfb\xff\xbf", "-_-_": "\xfb\xff\xbf", "": "", "=": "", "Y": "", "+_": ""} {
		got, err := decodeBase64(text)
		require.Equal(t, want, got, text)
		require.Equal(t, want != "", err == nil, text)
	}
}

func TestFacts_EndWithTheBudget(t *testing.T) {
	file := func(name string) *tar.Header { return &tar.Header{Name: name, Typeflag: tar.TypeReg} }
	for name, tt := range map[string]struct {
		all   bool
		names []string
	}{
		"directories":  {true, []string{"a/x", "b/x"}},
		"whiteouts":    {false, []string{"a/.wh.x", "a/.wh.y"}},
		"opaque":       {false, []string{"a/.wh..wh..opq", "b/.wh..wh..opq"}},
		"files":        {false, []string{"a/manifest.json", "b/manifest.json"}},
		"code modules": {false, []string{"a/agent/bin/linux-x86-64/x", "b/agent/bin/linux-x86-64/x"}},
	} {
		f := newFacts(tt.all, newBudget(t.Context(), Options{MaxFacts: 1}))
		require.NoError(t, f.entry(tt.names[0], file(tt.names[0])), name)
		require.NoError(t, f.entry(tt.names[0], file(tt.names[0])), "%s: it is known", name)
		var over *BudgetError
		require.ErrorAs(t, f.entry(tt.names[1], file(tt.names[1])), &over, name)
	}
}
