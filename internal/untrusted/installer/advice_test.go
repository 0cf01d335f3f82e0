package installer

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAdvise(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		shebang string
		code    int
		output  string
		want    string
	}{
		"bash is called":       {"#!/bin/sh\n", 127, "installer: line 3: bash: not found", wantsBash},
		"by env":               {"#!/bin/sh\n", 127, "env: can't execute 'bash': No such file or directory", wantsBash},
		"by its path":          {"#!/bin/sh\n", 127, "installer: line 3: /bin/bash: not found", wantsBash},
		"it asks for bash":     {"#!/bin/sh\n", 1, "Please use Bash.", wantsBash},
		"and then fails":       {"#!/bin/sh\n", 1, "a: bash: not found\nFailed.\n\n", wantsBash},
		"long before":          {"#!/bin/sh\n", 1, "bash: not found\nwell\nthen\nFailed.\n", ""},
		"bash's syntax":        {"#!/bin/bash\n", 2, `installer: line 9: syntax error: unexpected "("`, mayBash},
		"for bash":             {"#!/usr/bin/env bash\n", 1, "Failed.", mayBash},
		"says nothing":         {"#!/bin/bash -eu\n", 1, "", mayBash},
		"nobody's syntax":      {"#!/bin/sh\n", 2, `installer: line 9: syntax error: unexpected "("`, wantsShell},
		"an exit code of 2":    {"#!/bin/sh\n", 2, "No.", ""},
		"a program is missing": {"#!/bin/sh\n", 127, "installer: line 3: python3: not found", wantsTool},
		"half a payload":       {"#!/bin/bash\n", 1, "tar: short read", notWhole},
		"cut":                  {"#!/bin/sh\n", 1, "gzip: unexpected end of file", notWhole},
		"changed":              {"#!/bin/sh\n", 1, "gzip: invalid magic", notWhole},
		"root":                 {"#!/bin/sh\n", 1, "The installer must be run as root.", wantsRoot},
		"a name with root":     {"#!/bin/sh\n", 1, "Cannot write to chroots", ""},
		"it is killed":         {"#!/bin/bash\n", -1, "bash", ""},
		"something else":       {"#!/bin/sh\n", 7, "Not enough disk space in /opt", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, advise(tt.shebang, tt.code, tt.output))
		})
	}
}

// A script that bash is named for and that needs none just works.
func TestBashInNameOnly(t *testing.T) {
	_, err := installCall(t, "#!/bin/bash\n"+makesAgent, Call{})
	require.NoError(t, err)
}

func TestTheShebangIsLookedAt(t *testing.T) {
	_, err := installCall(t, "#!/usr/bin/env bash\nexit 1\n", Call{})
	var failed *Error
	require.ErrorAs(t, err, &failed)
	require.Equal(t, mayBash, failed.Advice)
}
