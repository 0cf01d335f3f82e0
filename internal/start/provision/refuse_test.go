package provision

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

func TestInstallRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault cluster.FaultKind
		want  string
		zip   bool // not with the script
	}{
		"checksum":    {fault: cluster.FaultBadChecksum, want: "is not what its manifest.json says"},
		"wrong arch":  {fault: cluster.FaultWrongArch, want: "an agent for EM_AARCH64"},
		"no manifest": {fault: cluster.FaultNoManifest, want: "left no manifest.json"},
		"web page":    {fault: cluster.FaultHTML, want: "with a web page"},
		"truncated":   {fault: cluster.FaultTruncated, want: "broke off after"},
		"401":         {fault: cluster.FaultUnauthorized, want: "refused the token"},
		"404":         {fault: cluster.FaultNotFound, want: "(404)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachForm(t, func(t *testing.T, shell string) {
				c := newContainer(t, shell)
				c.SetFault(cluster.Fault{Kind: tc.fault, On: []cluster.Endpoint{cluster.EndpointInstaller}})
				_, err := c.install(t)
				require.ErrorContains(t, err, tc.want)
				require.NotContains(t, err.Error(), c.APIToken())
				require.Equal(t, []string{lockFile}, names(t, c.p.Root), "nothing is left")
				// What failed once is not remembered.
				c.ClearFaults()
				_, err = c.install(t)
				require.NoError(t, err)
			})
		})
	}
}

// TestAScriptThatFails: an image may have a shell and lack tar.
func TestAScriptThatFails(t *testing.T) {
	t.Parallel()
	c := newContainer(t, "/bin/sh")
	c.SetFault(cluster.Fault{Kind: cluster.FaultScriptFails, On: []cluster.Endpoint{cluster.EndpointInstaller}, Times: 1})
	_, err := c.install(t)
	require.NoError(t, err)
	require.Contains(t, c.words(), "the installer failed (exit status 7)")
	require.Contains(t, c.words(), "the zip archive is taken instead")
	require.Equal(t, 2, c.Count(cluster.EndpointInstaller))
}

func TestInstallEndsWithItsContext(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, shell string) {
		c := newContainer(t, shell, cluster.WithFiller(1<<20))
		c.SetFault(cluster.Fault{Kind: cluster.FaultStall, On: []cluster.Endpoint{cluster.EndpointInstaller}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var ended time.Time
		c.p.Say = func(s string) {
			// It says how far it is.
			if ended.IsZero() && strings.Contains(s, "OneAgent "+cluster.DefaultTarget+": downloaded ") {
				ended = time.Now()
				cancel()
			}
		}
		_, err := c.p.Install(ctx, c.client(t), c.order)
		require.ErrorIs(t, err, context.Canceled)
		require.Less(t, time.Since(ended), 20*time.Second)
		require.Equal(t, []string{lockFile}, names(t, c.p.Root))
	})
}

// TestNothingIsLeftRunning: what a script leaves behind could still write.
func TestNothingIsLeftRunning(t *testing.T) {
	t.Parallel()
	c := newContainer(t, "/bin/sh")
	c.SetFault(cluster.Fault{Kind: cluster.FaultBackground, On: []cluster.Endpoint{cluster.EndpointInstaller}})
	a, err := c.install(t)
	require.NoError(t, err)
	before, err := os.ReadFile(filepath.Join(a.Dir, "agent/background.log"))
	if err == nil {
		time.Sleep(300 * time.Millisecond)
		after, err := os.ReadFile(filepath.Join(a.Dir, "agent/background.log"))
		require.NoError(t, err)
		require.Equal(t, before, after)
	}
}
