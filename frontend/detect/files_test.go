package detect

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFind(t *testing.T) {
	files := newTree(t,
		"usr/lib/a", "lib -> usr/lib", "usr/bin/b -> ../lib/a", "bin -> /usr/bin",
		"etc/alternatives/c -> /bin/b", "usr/bin/c -> /etc/alternatives/c",
		"up -> ../../usr", "deep/er/x", "link -> deep/er", "over -> link/../y", "deep/y", "y",
		"loop -> loop", "gone -> nowhere", "odd -> usr/[lib]", "usr/[lib]/a", "usr/l/a", "\xff",
	)
	for name, want := range map[string]string{
		"/":         "/",
		"/usr/lib/": "/usr/lib",
		"/lib/a":    "/usr/lib/a",
		"/bin/c":    "/usr/lib/a",
		"/up/lib/a": "/usr/lib/a",
		"/over":     "/deep/y",
		"/odd/a":    "/usr/[lib]/a",
		"/loop":     "",
		"/loop/a":   "",
		"/gone":     "",
		"/y/a":      "",
		"/none":     "",
	} {
		got, st, err := Find(t.Context(), files, name)
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
		require.Equal(t, want != "", st != nil, name)
	}
}

func TestStatDoesNotFollowTheLast(t *testing.T) {
	files := newTree(t, "lib -> usr/lib", "usr/lib/gone -> nowhere")
	for _, name := range []string{"/lib", "/lib/gone"} {
		st, err := Stat(t.Context(), files, name)
		require.NoError(t, err)
		require.True(t, isSymlink(st), name)
	}
}

func TestMemo(t *testing.T) {
	files := newTree(t, "usr/lib/a", "usr/lib/b", "lib -> usr/lib", "opt/x")
	memo := Memo(files)
	for range 2 {
		for _, name := range []string{"/usr/lib/a", "/lib/a", "/lib", "/opt", "/none"} {
			_, _, err := Find(t.Context(), memo, name)
			require.NoError(t, err)
		}
	}
	require.Equal(t, 3, files.asked, "the root, lib in /usr, and a in /usr/lib")

	_, err := List(t.Context(), memo, "/lib")
	require.NoError(t, err)
	files.asked = 0
	st, err := Stat(t.Context(), memo, "/usr/lib/b")
	require.NoError(t, err)
	require.NotNil(t, st)
	require.Zero(t, files.asked, "what was listed answers for each of its entries")
}

// The gateway cannot list a folder with such a name in it.
func TestMemoOfARootThatCannotBeListed(t *testing.T) {
	st, err := Stat(t.Context(), Memo(newTree(t, "opt/a", "\xff")), "/opt/a")
	require.NoError(t, err)
	require.NotNil(t, st)
}
