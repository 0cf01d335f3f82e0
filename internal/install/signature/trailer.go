package signature

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"
)

// maxTrailer bounds what stands behind a script, in bytes: a signature with the
// certificates of a chain has less than 20 KB.
const maxTrailer = 256 << 10

// chainFailure begins the library's error for a chain of certificates, which has
// no type.
const chainFailure = "pkcs7: failed to verify certificate chain"

func isChain(err error) bool { return strings.HasPrefix(err.Error(), chainFailure) }

var errTrailer = errors.New("the text behind its line ----SIGNED-INSTALLER is not an S/MIME signature")

// signatureOf returns the signature of a trailer, which begins with the boundary.
// The shell that runs the script reads on in there, so that nothing else may
// stand in it.
func signatureOf(trailer []byte) ([]byte, error) {
	// The format of a multipart document takes anything as its end.
	_, after, closed := bytes.Cut(trailer, append(append([]byte("\n"), boundary...), "--"...))
	if !closed || len(bytes.TrimSpace(after)) > 0 {
		return nil, errTrailer
	}
	parts := multipart.NewReader(bytes.NewReader(trailer), strings.TrimPrefix(string(boundary), "--"))
	part, err := parts.NextPart()
	if err != nil {
		return nil, errTrailer
	}
	kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-pkcs7-signature" && kind != "application/pkcs7-signature" ||
		!strings.EqualFold(part.Header.Get("Content-Transfer-Encoding"), "base64") {
		return nil, errTrailer
	}
	der, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, part))
	if err != nil {
		return nil, errTrailer
	}
	if _, err := parts.NextPart(); !errors.Is(err, io.EOF) {
		return nil, errTrailer
	}
	return der, nil
}
