package signature

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestVerify_AsOpenSSLDoes signs with OpenSSL and lets the vendor's documented
// check judge: what it takes is taken here, and what it refuses is refused.
func TestVerify_AsOpenSSLDoes(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("the judge is openssl, which this machine does not have")
	}
	o := newOpenSSL(t)
	script := "#!/bin/sh\nset -e\ntail -n +9 \"$0\" | tar -x\nexit 0\n"
	random := mathrand.New(mathrand.NewPCG(1, 2))
	payload := func(n int, alphabet string) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = alphabet[random.IntN(len(alphabet))]
		}
		return string(b)
	}
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	for name, content := range map[string]string{
		"text":             script,
		"no last newline":  strings.TrimSpace(script),
		"DOS":              strings.ReplaceAll(script, "\n", "\r\n"),
		"binary":           script + payload(100_000, string(every)),
		"ends of lines":    script + payload(50_000, "a\r\n"),
		"long lines":       script + payload(50_000, "a\r") + "\n" + payload(5_000, "\r") + "\n",
		"few ends":         script + payload(300_000, strings.Repeat("a", 2000)+"\n\r\x00"),
		"around the limit": script + strings.Repeat("a", 1022) + "\r\n" + strings.Repeat("a", 1023) + "\n" + strings.Repeat("a", 1024) + "\r\nx",
	} {
		t.Run(name, func(t *testing.T) {
			file := installer(content, o.sign(t, content))
			require.True(t, o.takes(t, file), "control")
			for _, size := range []int{1, 1000, 1 << 20} {
				require.NoError(t, verify(t, file, size, o.root.pool()))
			}
			for i := range 12 {
				changed := []byte(file)
				at := (i*len(content)/12 + 1) % len(content)
				changed[at] = "\r\n\x00ax"[i%5]
				require.Equal(t, o.takes(t, string(changed)), verify(t, string(changed), 1000, o.root.pool()) == nil, "byte %d is %q", at, changed[at])
			}
		})
	}
}

// openssl signs and verifies by the command.
type openssl struct {
	dir  string
	root *identity
}

func newOpenSSL(t *testing.T) *openssl {
	t.Helper()
	o := &openssl{dir: t.TempDir(), root: newIdentity(t, "authority", nil, now.AddDate(1, 0, 0))}
	signer := newIdentity(t, "vendor", o.root, now.AddDate(1, 0, 0))
	key, err := x509.MarshalECPrivateKey(signer.key.(*ecdsa.PrivateKey))
	require.NoError(t, err)
	for name, dt := range map[string][]byte{
		"root.pem": o.root.pem(), "signer.pem": signer.pem(),
		"key.pem": pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: key}),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(o.dir, name), dt, 0o600))
	}
	return o
}

// run runs `openssl cms` with input.
func (o *openssl) run(input string, args ...string) ([]byte, error) {
	cmd := exec.Command("openssl", append([]string{"cms"}, args...)...)
	cmd.Dir, cmd.Stdin = o.dir, strings.NewReader(input)
	var out bytes.Buffer
	cmd.Stdout = &out
	err := cmd.Run()
	return out.Bytes(), err
}

// sign signs the canonical form of content as it is. OpenSSL's own way to that
// form is another one when it signs than when it verifies, where there is more
// than text in it.
func (o *openssl) sign(t *testing.T, content string) []byte {
	t.Helper()
	var form bytes.Buffer
	_, err := newSplitter(&form).Write([]byte(content + "\n" + string(boundary) + "\n"))
	require.NoError(t, err)
	der, err := o.run(form.String(), "-sign", "-binary", "-md", "sha256", "-signer", "signer.pem", "-inkey", "key.pem", "-outform", "DER")
	require.NoError(t, err)
	return der
}

// takes is the vendor's documented check.
func (o *openssl) takes(t *testing.T, file string) bool {
	t.Helper()
	const header = "Content-Type: multipart/signed; protocol=\"application/x-pkcs7-signature\"; micalg=\"sha-256\"; boundary=\"--SIGNED-INSTALLER\"\n\n\n----SIGNED-INSTALLER\n"
	_, err := o.run(header+file, "-verify", "-CAfile", "root.pem")
	return err == nil
}
