package deploy

import (
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
)

// decodeBody takes off a body what a proxy has put around it, though no encoding
// was asked for. It returns the encoding's name if that is not known.
func decodeBody(res *http.Response) (unknown string) {
	switch name := strings.ToLower(strings.Join(res.Header.Values("Content-Encoding"), ", ")); name {
	case "", "identity":
	case "gzip", "x-gzip":
		res.Body = &decodedBody{ReadCloser: res.Body}
		// As net/http does where it has asked for it. A part of this body is
		// no part of the document.
		res.Uncompressed = true
		res.ContentLength = -1
		for _, key := range []string{"Content-Encoding", "Content-Length", "Accept-Ranges"} {
			res.Header.Del(key)
		}
	default:
		return name
	}
	return ""
}

// decodedBody is the content of a gzip stream. How much of it is taken is up to
// whoever reads.
type decodedBody struct {
	io.ReadCloser
	plain *gzip.Reader
	err   error
}

// Read reads the stream's header when it is first called.
func (u *decodedBody) Read(p []byte) (int, error) {
	if u.plain == nil && u.err == nil {
		u.plain, u.err = gzip.NewReader(u.ReadCloser)
	}
	if u.err != nil {
		return 0, u.err
	}
	return u.plain.Read(p)
}

// IsDamaged reports whether an error of a body is that what a proxy has packed
// cannot be unpacked.
func IsDamaged(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.As(err, &corrupt)
}
