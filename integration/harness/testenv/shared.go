package testenv

import (
	"context"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Shared is a set-up that several tests of a package share. The first test that
// needs it makes it. It lasts until the test program ends, and so do its
// temporary directories.
type Shared[T any] struct {
	make  func(t testing.TB) T
	once  sync.Once
	value T
	made  bool
}

// Share returns a set-up that make makes. The package's TestMain must call
// [Main], which ends it.
func Share[T any](make func(t testing.TB) T) *Shared[T] { return &Shared[T]{make: make} }

// Get returns the set-up. It fails every test that asks for a set-up that could
// not be made.
func (s *Shared[T]) Get(t testing.TB) T {
	t.Helper()
	s.once.Do(func() {
		s.value = s.make(&lasting{t})
		s.made = true
	})
	require.True(t, s.made, "the set-up that this test shares failed in an earlier test")
	return s.value
}

// lasting is a test whose resources outlast it.
type lasting struct{ testing.TB }

// Context returns a context that outlasts the test.
func (l *lasting) Context() context.Context { return context.Background() }

// TempDir returns a directory that is removed when the test program ends. As with
// a test's own, other users can read it: apps in containers are other users.
func (l *lasting) TempDir() string {
	l.Helper()
	dir, err := os.MkdirTemp("", "dt-shared-")
	require.NoError(l.TB, err)
	atEnd(func() { _ = os.RemoveAll(dir) })
	require.NoError(l.TB, os.Chmod(dir, 0o755))
	return dir
}

// Cleanup calls f when the test program ends.
func (l *lasting) Cleanup(f func()) { atEnd(f) }

var (
	endMu sync.Mutex
	ends  []func()
)

func atEnd(f func()) {
	endMu.Lock()
	defer endMu.Unlock()
	ends = append(ends, f)
}

// end calls what is left to be called, the last first.
func end() {
	endMu.Lock()
	defer endMu.Unlock()
	for _, f := range slices.Backward(ends) {
		f()
	}
	ends = nil
}
