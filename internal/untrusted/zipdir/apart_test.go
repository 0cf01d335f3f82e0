package zipdir

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
)

// A file cannot be larger than its zip, by one byte or by as much as a zip can say.
func TestOpen_RefusesAFileLargerThanTheZip(t *testing.T) {
	t.Parallel()
	b := pack(t, 1, "")
	list := bytes.Index(b, []byte("PK\x01\x02"))
	require.Positive(t, list)
	f, err := open(b)
	require.NoError(t, err)
	from, err := f.File[0].DataOffset()
	require.NoError(t, err)
	for size, valid := range map[uint32]bool{uint32(len(b)) - uint32(from): true, uint32(len(b)) - uint32(from) + 1: false, 1<<32 - 2: false} {
		binary.LittleEndian.PutUint32(b[list+20:], size)
		_, err := open(b)
		if valid {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, ErrNone)
		require.ErrorContains(t, err, "a file is larger than the zip")
	}
}
