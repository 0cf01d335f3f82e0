package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrSecret says that data was sealed with another secret, or is not whole.
var ErrSecret = errors.New("sealed with another secret, or damaged")

// The format: a salt, and then chunks of AES-256-GCM. The key is made of the
// secret and the salt, so that it seals one text only and a counter is a safe
// nonce. The nonce also marks the last chunk, so that a text cut short between
// two chunks does not open.
const (
	saltSize  = 32
	chunkSize = 1 << 20 // of plain text, in bytes
	keySize   = 32
	nonceSize = 12
	lastFlag  = 1 // in the nonce's first byte
)

// info separates this use of a secret as a key from any other.
const info = "dt-frontend seal v1"

// newAEAD returns the cipher for one text.
func newAEAD(secret string, salt []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(secret), salt, info, keySize)
	if err != nil {
		return nil, fmt.Errorf("deriving a key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("deriving a key: %w", err)
	}
	return cipher.NewGCM(block)
}

func nonce(counter uint64, last bool) []byte {
	n := make([]byte, nonceSize)
	if last {
		n[0] = lastFlag
	}
	binary.BigEndian.PutUint64(n[nonceSize-8:], counter)
	return n
}

// Writer seals what is written to it. Close writes the last chunk; without it
// the text does not open.
type Writer struct {
	w       io.Writer
	aead    cipher.AEAD
	counter uint64
	plain   []byte
	box     []byte
}

var _ io.WriteCloser = &Writer{}

// NewWriter returns a writer that seals with secret into w.
func NewWriter(w io.Writer, secret string) (*Writer, error) {
	salt := make([]byte, saltSize)
	if _, err := rand.Read(salt); err != nil {
		return nil, fmt.Errorf("making a salt: %w", err)
	}
	aead, err := newAEAD(secret, salt)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(salt); err != nil {
		return nil, err
	}
	return &Writer{w: w, aead: aead, plain: make([]byte, 0, chunkSize)}, nil
}

// Write seals p, a chunk at a time.
func (w *Writer) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		// A full chunk is written when more comes: the last is another's.
		if len(w.plain) == chunkSize {
			if err := w.flush(false); err != nil {
				return n - len(p), err
			}
		}
		take := min(len(p), chunkSize-len(w.plain))
		w.plain = append(w.plain, p[:take]...)
		p = p[take:]
	}
	return n, nil
}

// Close seals the last chunk. It leaves the underlying writer open.
func (w *Writer) Close() error { return w.flush(true) }

func (w *Writer) flush(last bool) error {
	w.box = w.aead.Seal(w.box[:0], nonce(w.counter, last), w.plain, nil)
	w.counter++
	w.plain = w.plain[:0]
	_, err := w.w.Write(w.box)
	return err
}

// Reader opens what a [Writer] sealed.
type Reader struct {
	r       io.Reader
	aead    cipher.AEAD
	counter uint64
	box     []byte
	buf     []byte // of plain
	plain   []byte
	done    bool
}

var _ io.Reader = &Reader{}

// NewReader returns a reader that opens r with secret. It hands out nothing
// that was not verified; [ErrSecret] says that it could not be.
func NewReader(r io.Reader, secret string) (*Reader, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(r, salt); err != nil {
		return nil, damaged(err)
	}
	aead, err := newAEAD(secret, salt)
	if err != nil {
		return nil, err
	}
	return &Reader{r: r, aead: aead, box: make([]byte, chunkSize+aead.Overhead()), buf: make([]byte, 0, chunkSize)}, nil
}

// Read returns plain text.
func (r *Reader) Read(p []byte) (int, error) {
	for len(r.plain) == 0 {
		if r.done {
			return 0, io.EOF
		}
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.plain)
	r.plain = r.plain[n:]
	return n, nil
}

// next opens a chunk. A short one is the last; so is a full one that opens as
// such.
func (r *Reader) next() error {
	n, err := io.ReadFull(r.r, r.box)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return damaged(err)
	}
	full := err == nil
	if full {
		if plain, err := r.aead.Open(r.buf[:0], nonce(r.counter, false), r.box, nil); err == nil {
			r.counter++
			r.plain = plain
			return nil
		}
	}
	plain, err := r.aead.Open(r.buf[:0], nonce(r.counter, true), r.box[:n], nil)
	if err != nil {
		return ErrSecret
	}
	r.plain, r.done = plain, true
	if full {
		if n, _ := r.r.Read(make([]byte, 1)); n > 0 {
			return ErrSecret
		}
	}
	return nil
}

// damaged tells a text that ends too soon from one that cannot be read.
func damaged(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrSecret
	}
	return err
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
