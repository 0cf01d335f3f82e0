package links

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// maxParsed bounds what a parser gets, in bytes: its depth is that of the text.
const maxParsed = 4 << 10

// parsed returns what a script sets of envKeys by a parser's reading, where the
// script alone says what that is. It returns false if it is not a script.
func parsed(script string) (found []Link, ok bool) {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(script), "")
	if err != nil {
		return nil, false
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		a, ok := n.(*syntax.Assign)
		if !ok || a.Value == nil || a.Name == nil || !isStatic(a.Value) {
			return true
		}
		kind, ok := envKeys[strings.ToLower(a.Name.Value)]
		if !ok {
			return true
		}
		value, err := expand.Literal(&expand.Config{}, a.Value)
		if err == nil {
			found = append(found, withoutExamples(read(kind, value))...)
		}
		return true
	})
	return found, true
}

// isStatic reports whether a word means the same whatever is set.
func isStatic(w *syntax.Word) bool {
	static := true
	syntax.Walk(w, func(n syntax.Node) bool {
		switch n.(type) {
		case *syntax.ParamExp, *syntax.CmdSubst, *syntax.ArithmExp, *syntax.ProcSubst:
			static = false
		}
		return static
	})
	return static
}

// FuzzSplit_AgreesWithAParser: all that a script sets is found, and what is left
// is a script.
func FuzzSplit_AgreesWithAParser(f *testing.F) {
	for _, script := range []string{
		"export DT_TENANT=x \\\n DT_TENANTTOKEN='y\n'\necho # it's\n",
		"[ \"$DT_TENANT\" ] || DT_TENANT=abc12345\n",
		"if [ -z \"$DT_TENANT\" ]; then\n  DT_TENANT=x\nfi\nf() { DT_TENANT=y; }\n",
		"case $- in\n*x*)\n  DT_TENANT=x\n  ;;\n*) DT_TENANT=y;;\nesac\n",
		"DT_TENANT=`echo \"a\"`$(echo ')'\n) DT_PROXY=a; DT_TENANT=z; while true; do break; done",
	} {
		f.Add(script)
	}
	f.Fuzz(func(t *testing.T, script string) {
		// The lines of a here-document are read as statements here: an apostrophe in
		// one may hide what follows.
		if len(script) > maxParsed || strings.Contains(script, "<<") || strings.Contains(script, unknown) {
			return
		}
		want, ok := parsed(script)
		if !ok {
			return
		}
		clean, found := File{Keys: envKeys, Shell: true}.Split([]byte(script))
		for _, l := range want {
			require.Contains(t, found, l)
		}
		_, ok = parsed(string(clean))
		require.True(t, ok, "%q is not a script any more", clean)
	})
}
