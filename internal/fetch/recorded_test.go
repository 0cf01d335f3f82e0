package fetch

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
)

func authority(t *testing.T, name string) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func TestIsRecorded(t *testing.T) {
	other := authority(t, "Some Root")
	require.True(t, isRecorded(bytes.Join([][]byte{other, []byte("# of the builder\n"), authority(t, recorder)}, nil)))
	require.False(t, isRecorded(other))
	require.False(t, isRecorded([]byte("no certificates")))
	require.False(t, isRecorded(nil))
}
