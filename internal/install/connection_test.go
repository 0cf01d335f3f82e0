package install

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/internal/deploy"
)

func TestFormats_HaveTheThreeVariables(t *testing.T) {
	t.Parallel()
	token := rand.Text()
	info := &deploy.ConnectionInfo{Tenant: "abc12345", TenantToken: token, Endpoints: []string{"https://a", "https://b"}}
	for format, want := range map[string]string{
		"env": "DT_TENANT=abc12345\nDT_TENANTTOKEN=" + token + "\nDT_CONNECTION_POINT=https://a;https://b\n",
		"k8s-secret": "apiVersion: v1\nkind: Secret\nmetadata:\n  name: \"name\"\ntype: Opaque\nstringData:\n" +
			"  DT_TENANT: \"abc12345\"\n  DT_TENANTTOKEN: \"" + token + "\"\n  DT_CONNECTION_POINT: \"https://a;https://b\"\n",
		"cf": "env:\n  DT_TENANT: \"abc12345\"\n  DT_TENANTTOKEN: \"" + token + "\"\n  DT_CONNECTION_POINT: \"https://a;https://b\"\n",
	} {
		var out bytes.Buffer
		require.NoError(t, formats[format](&out, "name", info))
		require.Equal(t, want, out.String(), format)
	}
	require.Len(t, formats, 3)
}

// full is a disk without room.
type full struct{}

var errNoRoom = errors.New("no space left on device")

func (full) Write([]byte) (int, error) { return 0, errNoRoom }

// TestResults_ThatCannotBeWritten fail the command that was asked for them.
func TestResults_ThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	for format, show := range formats {
		require.ErrorIs(t, show(full{}, "name", &deploy.ConnectionInfo{}), errNoRoom, format)
	}
	o := &lockOptions{}
	require.ErrorIs(t, o.print(full{}, io.Discard, "1.2.3", pins{}, pins{}), errNoRoom)
}
