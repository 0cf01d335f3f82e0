package seal

import (
	"bytes"
	"crypto/rand"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

var sizes = []int{0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 3 * chunkSize, 3*chunkSize + 7}

func TestRoundTrip(t *testing.T) {
	for _, n := range sizes {
		plain := random(n)
		sealed, err := Bytes(plain, "secret")
		require.NoError(t, err)
		r, err := NewReader(iotest.HalfReader(bytes.NewReader(sealed)), "secret")
		require.NoError(t, err)
		got, err := io.ReadAll(r)
		require.NoError(t, err)
		require.True(t, bytes.Equal(plain, got), n)
		if n > 16 {
			require.False(t, bytes.Contains(sealed, plain[:16]))
		}
	}
}

func TestAnotherSecretOpensNothing(t *testing.T) {
	for _, n := range sizes {
		sealed, err := Bytes(random(n), "secret")
		require.NoError(t, err)
		got, err := OpenBytes(sealed, "other")
		require.ErrorIs(t, err, ErrSecret)
		require.Empty(t, got)
	}
}

func TestDamageIsFound(t *testing.T) {
	sealed, err := Bytes(random(2*chunkSize+100), "secret")
	require.NoError(t, err)
	box := chunkSize + 16
	tests := map[string][]byte{
		"empty":              nil,
		"salt only":          sealed[:saltSize],
		"cut in a chunk":     sealed[:len(sealed)-1],
		"cut between chunks": sealed[:saltSize+2*box],
		"more":               append(bytes.Clone(sealed), 0),
		"swapped": append(append(append(bytes.Clone(sealed[:saltSize]), sealed[saltSize+box:saltSize+2*box]...),
			sealed[saltSize:saltSize+box]...), sealed[saltSize+2*box:]...),
		"flipped": func() []byte { b := bytes.Clone(sealed); b[saltSize+box+5] ^= 1; return b }(),
		"salt":    func() []byte { b := bytes.Clone(sealed); b[0] ^= 1; return b }(),
	}
	for name, dt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := OpenBytes(dt, "secret")
			require.ErrorIs(t, err, ErrSecret)
		})
	}
	whole, err := Bytes(random(chunkSize), "secret")
	require.NoError(t, err)
	_, err = OpenBytes(append(whole, 0), "secret")
	require.ErrorIs(t, err, ErrSecret, "more after a full last chunk")
}

func TestEqualTextsAreSealedApart(t *testing.T) {
	a, err := Bytes([]byte("text"), "secret")
	require.NoError(t, err)
	b, err := Bytes([]byte("text"), "secret")
	require.NoError(t, err)
	require.NotEqual(t, a, b)
}

func BenchmarkSeal(b *testing.B) {
	plain := random(16 << 20)
	b.SetBytes(int64(len(plain)))
	for b.Loop() {
		w, err := NewWriter(io.Discard, "secret")
		require.NoError(b, err)
		w.Write(plain)
		w.Close()
	}
}
