package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
)

// ErrSecret says that data was sealed with another secret, or is not whole.
var ErrSecret = errors.New("sealed with another secret, or damaged")

// workFactor is the binary logarithm of scrypt's N. age's default, 18, takes a
// second and 256 MiB, so that a passphrase that a person chose cannot be guessed.
// An API token is random and has at least 100 bits: nobody guesses it at any
// speed. This takes 1 MiB and a few milliseconds.
const workFactor = 10

// NewWriter returns a writer that seals with secret into w. Closing it writes
// the last chunk, without which the text does not open, and leaves w open.
func NewWriter(w io.Writer, secret string) (io.WriteCloser, error) {
	recipient, err := age.NewScryptRecipient(secret)
	if err != nil {
		return nil, fmt.Errorf("deriving a key: %w", err)
	}
	recipient.SetWorkFactor(workFactor)
	return age.Encrypt(w, recipient)
}

// Reader opens what [NewWriter] sealed.
type Reader struct {
	source *source
	plain  io.Reader
}

var _ io.Reader = &Reader{}

// NewReader returns a reader that opens r with secret. It hands out nothing
// that was not verified; [ErrSecret] says that it could not be.
func NewReader(r io.Reader, secret string) (*Reader, error) {
	identity, err := age.NewScryptIdentity(secret)
	if err != nil {
		return nil, ErrSecret
	}
	// Whoever made the file does not choose what opening it costs.
	identity.SetMaxWorkFactor(workFactor)
	src := &source{r: r}
	plain, err := age.Decrypt(src, identity)
	if err != nil {
		return nil, src.cause()
	}
	return &Reader{source: src, plain: plain}, nil
}

// Read returns plain text.
func (r *Reader) Read(p []byte) (int, error) {
	n, err := r.plain.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = r.source.cause()
	}
	return n, err
}

// source remembers why a sealed text could not be read: age wraps some of these
// errors and replaces others.
type source struct {
	r   io.Reader
	err error
}

// Read reads the sealed text.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// cause returns why a text does not open: it could not be read, or it is another.
func (s *source) cause() error {
	if s.err != nil {
		return s.err
	}
	return ErrSecret
}

// Bytes seals a short text.
func Bytes(plain []byte, secret string) ([]byte, error) {
	var out bytes.Buffer
	w, err := NewWriter(&out, secret)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// OpenBytes opens a short text. It returns [ErrSecret] if that was sealed with
// another secret.
func OpenBytes(sealed []byte, secret string) ([]byte, error) {
	r, err := NewReader(bytes.NewReader(sealed), secret)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
