package supply

import (
	"bytes"
	"crypto/x509"
	"testing"

	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/stretchr/testify/require"
)

func authority(t *testing.T, name string) []byte {
	t.Helper()
	return []byte(front.Certificate(t, func(c *x509.Certificate) { c.Subject.CommonName = name }))
}

func TestIsRecorded(t *testing.T) {
	other := authority(t, "Some Root")
	require.True(t, isRecorded(bytes.Join([][]byte{other, []byte("# of the builder\n"), authority(t, recorder)}, nil)))
	require.False(t, isRecorded(other))
	require.False(t, isRecorded([]byte("no certificates")))
	require.False(t, isRecorded(nil))
}
