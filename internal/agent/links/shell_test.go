package links

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGiven_ReadsTheEndOfAWord: what begins an escape, a quotation or an
// expansion may be the last byte of a value.
func TestGiven_ReadsTheEndOfAWord(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		`abc\`:           "abc",
		`a\bc`:           "abc",
		`"a\bc"`:         `a\bc`,
		`"a\$b\}c"`:      "a$b}c",
		"a\\\nbc":        "abc",
		"\"a\\\nbc\"":    "abc",
		`a$`:             "a$",
		`a'b`:            "ab",
		`a"b`:            "ab",
		`a'b"c'd`:        `ab"cd`,
		`"a'b"c`:         "a'bc",
		"a$b1":           "a" + unknown,
		"a$b_1-c":        "a" + unknown + "-c",
		"a$09z":          "a" + unknown,
		"a$z9Z_A0[b":     "a" + unknown + "[b",
		"a$*b":           "a" + unknown + "b",
		"a$@b$#c$?d$$e":  "a" + unknown + "b" + unknown + "c" + unknown + "d" + unknown + "e",
		"a$!b$-c":        "a" + unknown + "b" + unknown + "c",
		"a$%b":           "a$%b",
		"a$'b c'd":       "ab cd",
		`"a$'b"c`:        "a$'bc",
		"a$(b)c":         "a" + unknown + "c",
		"a$(b (c) d)e":   "a" + unknown + "e",
		"a$(b ')' d)e":   "a" + unknown + "e",
		"a$(b":           "a" + unknown,
		"a`b`c":          "a" + unknown + "c",
		"a`b\\`c`d":      "a" + unknown + "d",
		"a`b":            "a" + unknown,
		"a`b\\":          "a" + unknown,
		"a${b}c":         "a" + unknown + "c",
		"a${b:-c}d":      "acd",
		"a${b-c}d":       "acd",
		"a${b:=c}d":      "acd",
		"a${b=c}d":       "acd",
		"a${b:+c}d":      "acd",
		"a${b+c}d":       "acd",
		"a${b:?c}d":      "a" + unknown + "d",
		"a${b%c}d":       "a" + unknown + "d",
		"a${-c}d":        "a" + unknown + "d",
		"a${b:-c d}e":    "ac de",
		"a${b:-'c}d'}e":  "ac}de",
		`"a${b:-'c}d"`:   "a'cd",
		"a${b:-${c-d}}e": "ade",
	} {
		require.Equal(t, []Link{{Tenant, want}}, Given(Tenant, value), "%q", value)
	}
}

// TestGiven_BoundsExpansionsWithinExpansions: the depth of a reader is that of
// the text.
func TestGiven_BoundsExpansionsWithinExpansions(t *testing.T) {
	t.Parallel()
	nested := func(depth int) string { return strings.Repeat("${A:-", depth) + "abc" + strings.Repeat("}", depth) }
	file := File{Keys: envKeys, Shell: true}
	for depth, known := range map[int]bool{1: true, 8: true, 31: true, 32: true, 33: false, 1000: false} {
		clean, found := file.Split([]byte("DT_TENANT=" + nested(depth) + "\n"))
		require.Equal(t, known, len(found) == 1 && string(clean) == nothing, "%d: %q", depth, clean)
	}
	commands := func(depth int) string { return strings.Repeat("$(a ", depth) + strings.Repeat(")", depth) }
	for depth, known := range map[int]bool{1: true, 31: true, 32: true, 33: false} {
		clean, _ := file.Split([]byte("DT_TENANT=abc" + commands(depth) + "\n"))
		require.Equal(t, known, string(clean) == nothing, "%d: %q", depth, clean)
	}
}

// TestSplit_JoinsLinesUntilTooManyQuotationsNeverEnd.
func TestSplit_JoinsLinesUntilTooManyQuotationsNeverEnd(t *testing.T) {
	t.Parallel()
	file := File{Keys: envKeys, Shell: true}
	for opened, joined := range map[int]bool{0: true, 1: true, 7: true, 8: false, 9: false} {
		before := strings.Repeat("echo $(\n", opened)
		clean, found := file.Split([]byte(before + "DT_TENANT='a\nb'\necho\n"))
		if joined {
			require.Equal(t, before+nothing+"echo\n", string(clean), opened)
			require.Equal(t, []Link{{Tenant, "a\nb"}}, found, opened)
			continue
		}
		require.Equal(t, []Link{{Tenant, "a"}}, found, opened)
	}
	before := strings.Repeat("echo $(\n", 8) + "\n\n"
	clean, found := file.Split([]byte(before + "DT_TENANT=a\n\nDT_PROXY=b"))
	require.Equal(t, before+nothing+"\n"+nothing, string(clean))
	require.Equal(t, []Link{{Tenant, "a"}, {Proxy, "b"}}, found)
}

// TestSplit_KeepsStatementsThatOthersNeed: each word that begins or ends a part
// of a script.
func TestSplit_KeepsStatementsThatOthersNeed(t *testing.T) {
	t.Parallel()
	file := File{Keys: envKeys, Shell: true}
	for _, word := range []string{
		"{", "}", "if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "(", ")", "cat <<A", "cat <<-A",
	} {
		script := "DT_TENANT=abc; " + word + "\n"
		clean, found := file.Split([]byte(script))
		require.Equal(t, script, string(clean))
		require.Equal(t, []Link{{Tenant, "abc"}}, found, script)
	}
	for script, want := range map[string]string{
		"DT_TENANT=abc; echo if\n":       "DT_TENANT=abc; echo if\n",
		"DT_TENANT=abc; echo iffy\n":     nothing,
		"DT_TENANT=abc; echo \\<\n":      nothing,
		"DT_TENANT=abc &\n":              nothing,
		"DT_TENANT=abc;;\n":              nothingInCase,
		"DT_TENANT=abc ; ;\n":            nothingInCase,
		"DT_TENANT=abc | cat\n":          nothing,
		"DT_TENANT=abc # ;;\n":           nothing,
		"\ufeffDT_TENANT=abc\n":          nothing,
		"DT_TENANT=abc":                  nothing,
		"DT_TENANT=abc#d\n":              nothing,
		"DT_TENANT=abc\\\n#d\nDT_PROXY=": nothing + nothing,
		"\n\nDT_TENANT=abc\n\n":          "\n\n" + nothing + "\n",
		"# a\n#\nDT_TENANT=abc\n# b":     "# a\n#\n" + nothing + "# b",
	} {
		clean, found := file.Split([]byte(script))
		require.Equal(t, want, string(clean), "%q", script)
		require.Len(t, found, 1, "%q", script)
	}
}

// TestSplit_RemovesWhatSetsItsFirstVariable, and keeps all else.
func TestSplit_RemovesWhatSetsItsFirstVariable(t *testing.T) {
	t.Parallel()
	file := File{Keys: envKeys, Shell: true}
	clean, found := file.Split([]byte(": ${DT_TENANT:=}\n"))
	require.Equal(t, nothing, string(clean))
	require.Empty(t, found)
	for script, removed := range map[string]bool{
		"export DT_TENANT=abc\n":                true,
		"readonly DT_TENANT=abc\n":              true,
		"declare DT_TENANT=abc\n":               true,
		"typeset DT_TENANT=abc\n":               true,
		"local DT_TENANT=abc\n":                 true,
		"declare -x DT_TENANT=abc\n":            true,
		"typeset -r -x DT_TENANT=abc\n":         true,
		"export DT_TENANT=abc A=1\n":            true,
		"export A=1 DT_TENANT=abc\n":            false,
		"export -p A=1 DT_TENANT=abc\n":         false,
		"env DT_TENANT=abc\n":                   false,
		"-x DT_TENANT=abc\n":                    false,
		": ${DT_TENANT:=abc}\n":                 true,
		": ${A:=1} ${DT_TENANT:=abc}\n":         true,
		": DT_TENANT=abc\n":                     false,
		"echo ${DT_TENANT:=abc}\n":              false,
		"export A=${DT_TENANT:=abc}\n":          false,
		"export DT_TENANT=abc ${A:=1}\n":        true,
		"dt_tenant=abc\n":                       true,
		"DT_TENANT+=abc\n":                      true,
		"DT_TENANT=abc; A=1\n":                  true,
		"A=1; DT_TENANT=abc\n":                  false,
		"DT_TENANT=${A:-abc}\n":                 true,
		"[ -n \"$A\" ] && export DT_TENANT=abc": false,
	} {
		clean, found := file.Split([]byte(script))
		if removed {
			require.Equal(t, nothing, string(clean), script)
		} else {
			require.Equal(t, script, string(clean))
		}
		require.Equal(t, []Link{{Tenant, "abc"}}, found, script)
	}
}
