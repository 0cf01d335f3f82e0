package supply

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/org/dt-frontend/internal/install/seal"
	"github.com/smallstep/pkcs7"
	"github.com/stretchr/testify/require"
)

// signed returns a script with the signature of a new authority, and that.
func signed(t *testing.T, script string) (string, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "vendor"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	data, err := pkcs7.NewSignedData([]byte(strings.ReplaceAll(script, "\n", "\r\n")))
	require.NoError(t, err)
	data.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	require.NoError(t, data.AddSigner(cert, key, pkcs7.SignerInfoConfig{}))
	data.Detach()
	sig, err := data.Finish()
	require.NoError(t, err)
	return script + "\n----SIGNED-INSTALLER\nContent-Type: application/x-pkcs7-signature\nContent-Transfer-Encoding: base64\n\n" +
		base64.StdEncoding.EncodeToString(sig) + "\n----SIGNED-INSTALLER--\n", cert
}

// TestDownload_VerifiesTheSignature: with authorities a script has to be signed,
// also where its download breaks off in the middle and is begun again.
func TestDownload_VerifiesTheSignature(t *testing.T) {
	t.Parallel()
	good, cert := signed(t, "#!/bin/sh\n: "+rand.Text()+"\n")
	_, other := signed(t, "")
	const refused = "the installer of OneAgent " + testVersion + " (default, x86, java,nginx) is refused, since the build has the secret DT_INSTALLER_CA: "
	for name, tc := range map[string]struct {
		content string
		by      *x509.Certificate
		archive bool
		cut     bool
		want    string
	}{
		"good":            {content: good, by: cert},
		"good, cut once":  {content: good, by: cert, cut: true},
		"nothing asked":   {content: "#!/bin/sh\n"},
		"not signed":      {content: "#!/bin/sh\n", by: cert, want: refused + "it is not signed: there is no line ----SIGNED-INSTALLER in it. Nothing of it was run"},
		"changed":         {content: strings.Replace(good, "#!/bin/sh", "#!/bin/sh ", 1), by: cert, want: refused + "its signature does not match the script"},
		"another's":       {content: good, by: other, want: refused + "no authority vouches"},
		"the zip archive": {by: cert, archive: true, want: refused + "the zip archive (installer=paas) has no signature"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEnvironment(t)
			e.installer = func(w http.ResponseWriter, _ *http.Request) {
				if tc.cut && e.downloads.Load() == 1 {
					w.Header().Set("Content-Length", "100000")
					_, _ = io.WriteString(w, tc.content[:len(tc.content)/2])
					return
				}
				_, _ = io.WriteString(w, tc.content)
			}
			spec := x86
			spec.Archive = tc.archive
			var pool *x509.CertPool
			if tc.by != nil {
				pool = x509.NewCertPool()
				pool.AddCert(tc.by)
			}
			name := filepath.Join(t.TempDir(), "installer")
			file, err := os.Create(name)
			require.NoError(t, err)
			defer file.Close()
			d, err := Download(t.Context(), e.client(t), Target{Spec: spec, Version: testVersion, File: file, Secret: "secret", Authorities: pool}, io.Discard)
			if tc.want != "" {
				var signature *SignatureError
				require.ErrorAs(t, err, &signature)
				require.ErrorContains(t, err, tc.want)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tc.by != nil, d.Signed)
			sealed, err := os.ReadFile(name)
			require.NoError(t, err)
			plain, err := seal.OpenBytes(sealed, "secret")
			require.NoError(t, err)
			require.Equal(t, tc.content, string(plain))
		})
	}
}
