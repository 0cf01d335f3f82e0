package seal

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"testing"
	"testing/iotest"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"
)

// The size of age's chunks, in bytes: of plain text, and sealed. Source:
// https://age-encryption.org/v1, "Payload".
const (
	chunkSize = 64 << 10
	boxSize   = chunkSize + 16
)

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// header returns the size of what stands before the first chunk.
func header(t *testing.T, sealed []byte) int {
	t.Helper()
	h, err := age.ExtractHeader(bytes.NewReader(sealed))
	require.NoError(t, err)
	return len(h) + 16
}

var sizes = []int{0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 3 * chunkSize, 3*chunkSize + 7}

func TestRoundTrip(t *testing.T) {
	for _, n := range sizes {
		plain, secret := random(n), rand.Text()
		sealed, err := Bytes(plain, secret)
		require.NoError(t, err)
		r, err := NewReader(iotest.HalfReader(bytes.NewReader(sealed)), secret)
		require.NoError(t, err)
		got, err := io.ReadAll(r)
		require.NoError(t, err)
		require.True(t, bytes.Equal(plain, got), n)
		require.NotContains(t, string(sealed), secret)
		if n > 16 {
			require.False(t, bytes.Contains(sealed, plain[:16]))
		}
	}
}

// TestBytes_AreAFileOfAge: whoever has the secret opens it with that program.
func TestBytes_AreAFileOfAge(t *testing.T) {
	plain, secret := random(100), rand.Text()
	sealed, err := Bytes(plain, secret)
	require.NoError(t, err)
	identity, err := age.NewScryptIdentity(secret)
	require.NoError(t, err)
	r, err := age.Decrypt(bytes.NewReader(sealed), identity)
	require.NoError(t, err)
	got, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, plain, got)
}

func TestAnotherSecretOpensNothing(t *testing.T) {
	for _, n := range sizes {
		secret := rand.Text()
		sealed, err := Bytes(random(n), secret)
		require.NoError(t, err)
		for _, other := range []string{secret + "x", secret[1:], ""} {
			got, err := OpenBytes(sealed, other)
			require.ErrorIs(t, err, ErrSecret)
			require.Empty(t, got)
		}
	}
}

func TestNewWriter_NeedsASecret(t *testing.T) {
	_, err := NewWriter(io.Discard, "")
	require.Error(t, err)
	sealed, err := Bytes(random(10), "")
	require.Error(t, err)
	require.Empty(t, sealed)
}

func TestDamageIsFound(t *testing.T) {
	secret := rand.Text()
	sealed, err := Bytes(random(2*chunkSize+100), secret)
	require.NoError(t, err)
	begin := header(t, sealed)
	flipped := func(at int) []byte {
		b := bytes.Clone(sealed)
		b[at] ^= 1
		return b
	}
	tests := map[string][]byte{
		"empty":              nil,
		"header only":        sealed[:begin],
		"cut in the header":  sealed[:begin/2],
		"cut in a chunk":     sealed[:len(sealed)-1],
		"cut between chunks": sealed[:begin+2*boxSize],
		"more":               append(bytes.Clone(sealed), 0),
		"swapped": bytes.Join([][]byte{
			sealed[:begin], sealed[begin+boxSize : begin+2*boxSize], sealed[begin : begin+boxSize], sealed[begin+2*boxSize:],
		}, nil),
		"flipped": flipped(begin + boxSize + 5),
		"nonce":   flipped(begin - 1),
	}
	for name, dt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := OpenBytes(dt, secret)
			require.ErrorIs(t, err, ErrSecret)
		})
	}
	for at := range begin {
		_, err := OpenBytes(flipped(at), secret)
		require.ErrorIs(t, err, ErrSecret, "byte %d of the header", at)
	}
	whole, err := Bytes(random(chunkSize), secret)
	require.NoError(t, err)
	_, err = OpenBytes(append(whole, 0), secret)
	require.ErrorIs(t, err, ErrSecret, "more after a full last chunk")
}

// TestNewReader_BoundsWhatOpeningCosts: a builder's storage may hold a file of
// somebody else's making.
func TestNewReader_BoundsWhatOpeningCosts(t *testing.T) {
	var costly, long bytes.Buffer
	secret := rand.Text()
	recipient, err := age.NewScryptRecipient(secret)
	require.NoError(t, err)
	recipient.SetWorkFactor(workFactor + 1)
	w, err := age.Encrypt(&costly, recipient)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	_, err = OpenBytes(costly.Bytes(), secret)
	require.ErrorIs(t, err, ErrSecret)

	long.WriteString("age-encryption.org/v1\n-> ")
	long.Write(bytes.Repeat([]byte("a"), 64<<20))
	size := long.Len()
	began := time.Now()
	_, err = NewReader(&long, secret)
	require.ErrorIs(t, err, ErrSecret)
	require.Less(t, size-long.Len(), 4<<20, "read after %s", time.Since(began))
}

// TestReader_TellsWhatCannotBeRead from what was sealed with another secret.
func TestReader_TellsWhatCannotBeRead(t *testing.T) {
	secret, broken := rand.Text(), errors.New("a disk that fails")
	sealed, err := Bytes(random(3*chunkSize), secret)
	require.NoError(t, err)
	for _, n := range []int{0, 30, header(t, sealed), header(t, sealed) + boxSize + 1, len(sealed)} {
		r, err := NewReader(io.MultiReader(bytes.NewReader(sealed[:n]), iotest.ErrReader(broken)), secret)
		if err == nil {
			_, err = io.ReadAll(r)
		}
		require.ErrorIs(t, err, broken, "%d bytes", n)
		require.NotErrorIs(t, err, ErrSecret)
	}
}

// TestNewWriter_TellsThatItCouldNotWrite whichever chunk that is, the last too.
func TestNewWriter_TellsThatItCouldNotWrite(t *testing.T) {
	full := errors.New("the disk is full")
	var sealed bytes.Buffer
	secret, plain := rand.Text(), random(2*chunkSize+1)
	write := func(to io.Writer) error {
		w, err := NewWriter(to, secret)
		if err != nil {
			return err
		}
		_, err = w.Write(plain)
		return errors.Join(err, w.Close())
	}
	require.NoError(t, write(&sealed))
	size := sealed.Len()
	for _, n := range []int{0, size - 2*boxSize - 17, size - boxSize, size - 18, size - 1} {
		require.ErrorIs(t, write(&limitedWriter{left: n, err: full}), full, "%d of %d bytes", n, size)
	}
	require.NoError(t, write(&limitedWriter{left: size, err: full}))
}

// limitedWriter takes so many bytes.
type limitedWriter struct {
	left int
	err  error
}

// Write fails where there is no room.
func (l *limitedWriter) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, l.err
	}
	return len(p), nil
}

func TestEqualTextsAreSealedApart(t *testing.T) {
	secret := rand.Text()
	a, err := Bytes([]byte("text"), secret)
	require.NoError(t, err)
	b, err := Bytes([]byte("text"), secret)
	require.NoError(t, err)
	require.NotEqual(t, a, b)
}

func BenchmarkSeal(b *testing.B) {
	plain, secret := random(16<<20), rand.Text()
	b.SetBytes(int64(len(plain)))
	for b.Loop() {
		w, err := NewWriter(io.Discard, secret)
		require.NoError(b, err)
		_, err = w.Write(plain)
		require.NoError(b, err)
		require.NoError(b, w.Close())
	}
}
