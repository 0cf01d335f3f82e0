package option

import (
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/stretchr/testify/require"
)

func TestFindDirective(t *testing.T) {
	tests := map[string]struct {
		text  string
		want  Directive
		stray int
	}{
		"none":              {"FROM scratch\n", Directive{}, 0},
		"alone":             {"# dynatrace=include=java\nFROM scratch\n", Directive{"include=java", 1}, 0},
		"last":              {"# syntax=x\n# check=error=true\n# escape=`\n#dynatrace = mode=off \nFROM scratch\n", Directive{"mode=off", 4}, 0},
		"any case":          {"# Dynatrace=mode=off\nFROM scratch\n", Directive{"mode=off", 1}, 0},
		"CRLF":              {"# syntax=x\r\n# dynatrace=mode=off\r\nFROM scratch\r\n", Directive{"mode=off", 2}, 0},
		"BOM":               {"\ufeff# dynatrace=mode=off\nFROM scratch\n", Directive{"mode=off", 1}, 0},
		"shebang":           {"#!/usr/bin/env x\n# dynatrace=mode=off\nFROM scratch\n", Directive{"mode=off", 2}, 0},
		"empty":             {"# dynatrace=\nFROM scratch\n", Directive{"", 1}, 0},
		"no newline":        {"# dynatrace=mode=off", Directive{"mode=off", 1}, 0},
		"after a comment":   {"# hello\n# dynatrace=mode=off\nFROM scratch\n", Directive{}, 2},
		"after a blank":     {"# syntax=x\n\n# dynatrace=mode=off\nFROM scratch\n", Directive{}, 3},
		"after instruction": {"FROM scratch\n# dynatrace=mode=off\n", Directive{}, 0},
		"a comment behind":  {"# dynatrace=mode=off\n# syntax of this is odd\n# syntax=x\nFROM scratch\n", Directive{"mode=off", 1}, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, blanked, stray, err := FindDirective([]byte(tt.text))
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
			require.Equal(t, tt.stray, stray)
			require.Equal(t, strings.Count(tt.text, "\n"), strings.Count(string(blanked), "\n"), "lines keep their numbers")
			if got.Line != 0 {
				require.NotContains(t, strings.ToLower(string(blanked)), "dynatrace")
			} else {
				require.Equal(t, tt.text, string(blanked))
			}
		})
	}
}

func TestFindDirectiveErrors(t *testing.T) {
	tests := map[string]struct {
		line int
		want string
	}{
		"# dynatrace=mode=off\n# syntax=x\n":                {2, "the syntax directive has to stand before"},
		"# syntax=x\n# dynatrace=mode=off\n# escape=`\n":    {3, "the escape directive has to stand before"},
		"# dynatrace=a=b\n# CHECK=skip=all\n":               {2, "the check directive has to stand before"},
		"# dynatrace=mode=off\n# dynatrace=mode=build\nX\n": {2, "only one dynatrace directive"},
	}
	for text, tt := range tests {
		t.Run(text, func(t *testing.T) {
			_, _, _, err := FindDirective([]byte(text))
			var de *DirectiveError
			require.ErrorAs(t, err, &de)
			require.Equal(t, tt.line, de.Line)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

// BuildKit's own parser must see every other directive, in every order.
func TestOtherDirectivesStillCount(t *testing.T) {
	lines := []string{"# syntax=x", "# check=error=true", "# escape=`"}
	orders := [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}
	for _, order := range orders {
		var text string
		for _, i := range order {
			text += lines[i] + "\n"
		}
		_, blanked, _, err := FindDirective([]byte(text + "# dynatrace=mode=off\nFROM scratch\n"))
		require.NoError(t, err)
		var p parser.DirectiveParser
		directives, err := p.ParseAll(blanked)
		require.NoError(t, err)
		require.Len(t, directives, 3)
	}
}

func FuzzFindDirective(f *testing.F) {
	f.Add([]byte("# syntax=x\n# dynatrace=mode=off\nFROM scratch\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, blanked, _, err := FindDirective(text)
		if err != nil {
			return
		}
		require.Equal(t, strings.Count(string(text), "\n"), strings.Count(string(blanked), "\n"))
		if d.Line == 0 {
			require.Equal(t, text, blanked)
		}
	})
}
