package start

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCommand(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, path string
		args       []string
		want       string
		exit       int
		why        string
	}{
		{name: "in PATH", path: "PATH=/sbin:/bin", args: []string{"app"}, want: "/bin/app"},
		{name: "slash at the end", path: "PATH=/bin/", args: []string{"app"}, want: "/bin/app"},
		{name: "absolute", args: []string{"/bin/app"}, want: "/bin/app"},
		{name: "relative", args: []string{"./here"}, want: "./here"},
		{name: "empty entry is the working directory", path: "PATH=/sbin::", args: []string{"here"}, want: "./here"},
		{name: "no PATH", args: []string{"app"}, want: "/bin/app"},
		{name: "nothing", exit: 127, why: "nothing to start: the image has no entrypoint and no command"},
		{name: "an entrypoint of one empty string", path: "PATH=/bin", args: []string{"", "app"}, want: "/bin/app"},
		{name: "the same and a path", args: []string{"", "./here"}, want: "./here"},
		{name: "the same alone", path: "PATH=/bin", args: []string{""}, exit: 127, why: "nothing to start"},
		{name: "empty name", path: "PATH=/bin", args: []string{"", ""}, exit: 127, why: `cannot start "": not found in PATH`},
		{name: "empty PATH", path: "PATH=", args: []string{"app"}, want: "/bin/app"},
		{name: "a directory with a slash", path: "PATH=/", args: []string{"/bin/"}, exit: 126, why: `cannot start "/bin/": is a directory`},
		{name: "a path through a file", args: []string{"/bin/app/x"}, exit: 127, why: `cannot start "/bin/app/x"`},
		{name: "not in PATH", path: "PATH=/bin", args: []string{"none"}, exit: 127, why: `cannot start "none": not found in PATH`},
		{name: "no such file", args: []string{"/bin/none"}, exit: 127, why: `cannot start "/bin/none": file does not exist`},
		{name: "not executable", path: "PATH=/bin", args: []string{"plain"}, exit: 126, why: `cannot start "/bin/plain": permission denied`},
		{name: "a directory", args: []string{"/bin"}, exit: 126, why: `cannot start "/bin": is a directory`},
		{name: "a directory in PATH", path: "PATH=/", args: []string{"bin"}, exit: 127, why: "not found in PATH"},
		{name: "odd name", path: "PATH=/bin", args: []string{"a\nb\x1b"}, exit: 127, why: `cannot start "a\nb\x1b": not found in PATH`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t).apiVariables()
			f.env = slices.DeleteFunc(f.env, func(s string) bool { return strings.HasPrefix(s, "PATH=") })
			if tc.path != "" {
				f.set(tc.path)
			}
			f.args = tc.args
			p := f.make(t)
			require.Equal(t, tc.exit, p.Exit)
			require.Equal(t, tc.want, p.Path)
			if tc.want != "" {
				require.Equal(t, slices.DeleteFunc(slices.Clone(tc.args), func(s string) bool { return s == "" }), p.Args)
			}
			if tc.why != "" {
				require.Contains(t, said(p), tc.why)
				require.Empty(t, f.cluster.requests, "it fails at once")
			}
		})
	}
}

func TestExecutableAfterDenied(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.files.put("/sbin/app", 0o644, "")
	require.Equal(t, "/bin/app", f.make(t).Path, "the search goes on, as a shell's does")
}

func TestShebang(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"#!/bin/sh\n": "/bin/sh", "#! \t/usr/bin/env node\n": "/usr/bin/env", "#!/bin/sh": "/bin/sh", "#!/bin/sh\x00x": "/bin/sh",
		"#!\n/bin/sh": "", "": "", "/bin/sh": "", "#!/a\r\n": "/a\r",
	} {
		require.Equal(t, want, shebang([]byte(in)), "%q", in)
	}
}
