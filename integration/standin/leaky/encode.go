package leaky

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
)

func encodedBase64(s string) string    { return base64.StdEncoding.EncodeToString([]byte(s)) }
func encodedBase64URL(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
func encodedHex(s string) string       { return hex.EncodeToString([]byte(s)) }
func encodedURL(s string) string       { return url.QueryEscape(s) }

// encodedUTF16 is as Windows and Java write text.
func encodedUTF16(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		b.Write([]byte{c, 0})
	}
	return b.String()
}

// must stops where writing to memory fails, which it does not.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func gzipOf(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(s))
	must(err)
	must(z.Close())
	return b.String()
}

func zipOf(name, s string) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	// Text of which a copy is not kept as it is.
	w, err := z.Create(name)
	must(err)
	_, err = w.Write([]byte(s + strings.Repeat("\n# filler", 20)))
	must(err)
	must(z.Close())
	return b.String()
}

func tarOf(name, s string) string {
	var b bytes.Buffer
	t := tar.NewWriter(&b)
	must(t.WriteHeader(&tar.Header{Name: name, Size: int64(len(s)), Mode: 0o600}))
	_, err := t.Write([]byte(s))
	must(err)
	must(t.Close())
	return b.String()
}
