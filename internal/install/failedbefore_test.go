package install

import (
	"testing"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

func TestFailedBefore(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		age  time.Duration
		want bool
	}{
		"of this build":                  {time.Second, false},
		"of a build whose steps waited":  {50 * time.Second, false},
		"of a build that has failed":     {61 * time.Second, true},
		"of last week":                   {7 * 24 * time.Hour, true},
		"imported, with another's clock": {-time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := installStep{installer: t.TempDir()}
			require.NoError(t, writeJSON(s.installer, agent.DownloadedFile, agent.Downloaded{Time: time.Now().Add(-tt.age)}))
			require.Equal(t, tt.want, s.failedBefore())
		})
	}
	s := installStep{installer: t.TempDir()}
	require.False(t, s.failedBefore(), "nothing is known")
}
