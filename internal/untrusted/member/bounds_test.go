package member

import (
	"archive/tar"
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWalkBounds(t *testing.T) {
	t.Parallel()
	nothing := make([]byte, freeBytes+32<<20)
	empty := make([]entry, maxEntries+1)
	for i := range empty {
		empty[i].name = "x"
	}
	for name, tt := range map[string]struct {
		file []byte
		want string
	}{
		"gzip bomb":     {gzipped(t, "", nothing), "it holds too much (more than 8"},
		"tar in it":     {gzipped(t, "", tarred(t, tar.FormatGNU, entry{name: "x", content: string(nothing)})), "it holds too much (more than 8"},
		"zip bomb":      {zipped(t, "", entry{name: "x", content: string(nothing)}), "it holds too much (more than 8"},
		"many in zip":   {zipped(t, "", empty...), "200001 entries"},
		"many in a tar": {tarred(t, tar.FormatUSTAR, empty...), "more than 200000 files"},
	} {
		t.Run(name, func(t *testing.T) {
			var most int64
			err := Walk(t.Context(), bytes.NewReader(tt.file), int64(len(tt.file)), func(_ string, r io.Reader) error {
				n, err := io.Copy(io.Discard, r)
				most = max(most, n)
				return err
			})
			require.ErrorIs(t, err, ErrTooLarge)
			require.ErrorContains(t, err, tt.want)
			require.LessOrEqual(t, most, freeBytes+maxRatio*int64(len(tt.file)))
		})
	}
}
