package installer

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestIsFull(t *testing.T) {
	for name, tt := range map[string]struct {
		st   unix.Statfs_t
		full bool
	}{
		"room":           {unix.Statfs_t{Bsize: 4096, Blocks: 1000, Bavail: 500, Files: 10, Ffree: 5}, false},
		"none":           {unix.Statfs_t{Bsize: 4096, Blocks: 1000, Bavail: 10, Files: 10, Ffree: 5}, true},
		"no more files":  {unix.Statfs_t{Bsize: 4096, Blocks: 1000, Bavail: 500, Files: 10}, true},
		"counts no file": {unix.Statfs_t{Bsize: 4096, Blocks: 1000, Bavail: 500}, false},
		// A tmpfs with size=0, ramfs, FUSE without statfs.
		"does not say": {unix.Statfs_t{Bsize: 4096}, false},
	} {
		require.Equal(t, tt.full, isFull(&tt.st), name)
	}
}
