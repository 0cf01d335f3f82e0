package signature

import (
	"crypto/rand"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"
	"github.com/stretchr/testify/require"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	root := newIdentity(t, "authority", nil, now.AddDate(1, 0, 0))
	between := newIdentity(t, "authority below", root, now.AddDate(1, 0, 0))
	vendor := newIdentity(t, "vendor", between, now.AddDate(1, 0, 0))
	chain := how{chain: []*x509.Certificate{between.cert}}
	for name, script := range map[string]string{
		"a script":        "#!/bin/sh\necho " + rand.Text() + "\nexit 0",
		"a last newline":  "#!/bin/sh\nexit 0\n",
		"blank lines":     "#!/bin/sh\n\n\n\n",
		"the word inside": "#!/bin/sh\nsed '/^----SIGNED-INSTALLER/,$d' \"$0\"\n ----SIGNED-INSTALLER\n",
		"one line":        "#!/bin/sh",
		"a long line":     "#!/bin/sh\n" + strings.Repeat(rand.Text(), 500) + "\nx",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := installer(script, vendor.sign(t, canonical(script), chain))
			for _, size := range []int{1, 7, 1022, 1023, 1024, len(file)} {
				require.NoError(t, verify(t, file, size, root.pool()), "%d", size)
			}
			// CR before an end of line is no part of the canonical text.
			dos := strings.Replace(file, "#!/bin/sh\n", "#!/bin/sh\r\r\n", 1)
			require.NoError(t, verify(t, dos, 512, root.pool()))
			for _, changed := range []string{
				strings.Replace(file, "#!", "#! ", 1), " " + file, strings.Replace(file, "\n----SIGNED", "\n\n----SIGNED", 1),
				"rm -rf /\n" + file, strings.Replace(file, "\n----SIGNED", "\n: \n----SIGNED", 1),
			} {
				require.ErrorContains(t, verify(t, changed, 512, root.pool()), "does not match the script")
			}
		})
	}
}

func TestVerify_Refuses(t *testing.T) {
	t.Parallel()
	root := newIdentity(t, "authority", nil, now.AddDate(1, 0, 0))
	other := newIdentity(t, "authority", nil, now.AddDate(1, 0, 0))
	vendor := newIdentity(t, "vendor", root, now.AddDate(1, 0, 0))
	old := newIdentity(t, "vendor", root, now.AddDate(0, 0, -1))
	anyone := newIdentity(t, "vendor", other, now.AddDate(1, 0, 0))
	const script = "#!/bin/sh\nexit 0\n"
	text := canonical(script)
	good := installer(script, vendor.sign(t, text, how{}))
	require.NoError(t, verify(t, good, 512, root.pool()), "control")
	const (
		form  = "is not an S/MIME signature"
		chain = "no authority vouches for"
	)
	for name, tc := range map[string]struct{ file, want string }{
		"nothing":               {"", "it is not signed"},
		"not signed":            {script, "it is not signed"},
		"only the word":         {script + "----SIGNED-INSTALLER\n", form},
		"no end":                {strings.Replace(good, "----SIGNED-INSTALLER--", "", 1), form},
		"more behind it":        {good + "rm -rf /\n", form},
		"a part more":           {strings.Replace(good, "\n----SIGNED-INSTALLER--", "\n----SIGNED-INSTALLER\n\nrm -rf /\n----SIGNED-INSTALLER--", 1), form},
		"not base64":            {strings.Replace(good, "base64", "7bit", 1), form},
		"a text":                {strings.Replace(good, "application/x-pkcs7-signature", "text/plain", 1), form},
		"damaged":               {strings.Replace(good, "\nMI", "\n!!", 1), form},
		"cut":                   {installer(script, vendor.sign(t, text, how{})[:200]), "cannot be read"},
		"empty":                 {installer(script, nil), "cannot be read"},
		"too long":              {strings.Replace(good, "\n----SIGNED-INSTALLER--", strings.Repeat("\n", maxTrailer)+"\n----SIGNED-INSTALLER--", 1), "bytes stand behind"},
		"by anyone":             {installer(script, anyone.sign(t, text, how{})), chain},
		"by an old certificate": {installer(script, old.sign(t, text, how{})), "was not valid"},
		"of the raw bytes":      {installer(script, vendor.sign(t, []byte(script), how{})), "does not match the script"},
		"of something else":     {installer(script, vendor.sign(t, []byte("x"), how{})), "does not match the script"},
		// Its own content is signed, and is not the script.
		"attached":                     {installer(script, vendor.sign(t, []byte("x"), how{attached: true})), "does not match the script"},
		"attached, without attributes": {installer(script, vendor.sign(t, []byte("x"), how{attached: true, noAttributes: true})), "signed attributes"},
		"without attributes":           {installer(script, vendor.sign(t, text, how{noAttributes: true})), "signed attributes"},
		"SHA-1":                        {installer(script, vendor.sign(t, text, how{digest: pkcs7.OIDDigestAlgorithmSHA1})), "not made with SHA-256"},
		"SHA-512":                      {installer(script, vendor.sign(t, text, how{digest: pkcs7.OIDDigestAlgorithmSHA512})), "not made with SHA-256"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := verify(t, tc.file, 512, root.pool())
			require.ErrorContains(t, err, tc.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
	require.ErrorContains(t, verify(t, good, 512, other.pool()), chain)
	require.ErrorIs(t, verify(t, script, 512, root.pool()), ErrMissing)

	// The signature of another certificate's key.
	der := vendor.sign(t, text, how{})
	der[len(der)-1] ^= 1
	require.ErrorContains(t, verify(t, installer(script, der), 512, root.pool()), "does not match its certificate")
}

// TestVerify_Time: a certificate has to be valid now, as for the vendor's own
// check.
func TestVerify_Time(t *testing.T) {
	t.Parallel()
	root := newIdentity(t, "authority", nil, now.AddDate(20, 0, 0))
	vendor := newIdentity(t, "vendor", root, now.AddDate(1, 0, 0))
	v := New()
	_, err := v.Write([]byte(installer("x", vendor.sign(t, []byte("x"), how{}))))
	require.NoError(t, err)
	require.NoError(t, v.Verify(root.pool(), now))
	require.ErrorContains(t, v.Verify(root.pool(), now.AddDate(2, 0, 0)), "is not valid now")
	require.ErrorContains(t, v.Verify(root.pool(), time.Unix(0, 0)), "is not valid now")
}

func FuzzVerify(f *testing.F) {
	f.Add([]byte("x\n----SIGNED-INSTALLER\nContent-Type: application/x-pkcs7-signature\nContent-Transfer-Encoding: base64\n\nMIIB\n----SIGNED-INSTALLER--\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		v := New()
		_, err := v.Write(file)
		require.NoError(t, err)
		require.Error(t, v.Verify(x509.NewCertPool(), now))
	})
}
