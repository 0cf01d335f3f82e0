package provision

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

func TestInstall(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, shell string) {
		c := newContainer(t, shell)
		_, ok := c.p.Find(c.order)
		require.False(t, ok)
		a, err := c.install(t)
		require.NoError(t, err)
		dir := filepath.Join(c.p.Root, "oneagent")
		require.Equal(t, &Agent{Version: cluster.DefaultTarget, Dir: dir, Preload: filepath.Join(dir, agent.PreloadLibrary)}, a)
		require.FileExists(t, a.Preload)
		require.Equal(t, []string{lockFile, "oneagent"}, names(t, c.p.Root), "nothing else is left")

		target, err := os.Readlink(filepath.Join(dir, "agent/bin/current"))
		require.NoError(t, err)
		require.Equal(t, cluster.DefaultTarget, target)
		for _, name := range agent.WritableDirs {
			st, err := os.Stat(filepath.Join(dir, name))
			require.NoError(t, err)
			require.Equal(t, fs.ModeDir|fs.ModeSticky|0o777, st.Mode(), "the app may be any user")
		}

		require.NoError(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			require.NoError(t, err)
			st, err := d.Info()
			require.NoError(t, err)
			if d.Type()&fs.ModeSymlink == 0 && !slices.Contains(agent.WritableDirs, d.Name()) {
				require.Zero(t, st.Mode()&0o022, name)
				require.Equal(t, fs.FileMode(0o444), st.Mode()&0o444, name)
			}
			if d.Type().IsRegular() {
				b, err := os.ReadFile(name)
				require.NoError(t, err)
				for _, secret := range []string{c.APIToken(), c.APIURL()} {
					require.False(t, bytes.Contains(b, []byte(secret)), name)
				}
			}
			return nil
		}))

		// A restart of the same container.
		requests := len(c.Requests())
		again, err := c.install(t)
		require.NoError(t, err)
		require.Equal(t, a, again)
		require.Len(t, c.Requests(), requests, "nothing is asked for")
		any := c.order
		any.Version = ""
		again, ok = c.p.Find(any)
		require.True(t, ok)
		require.Equal(t, a, again)

		r := c.Requests()[requests-1]
		require.Equal(t, "true", r.Query.Get("skipMetadata"))
		require.Equal(t, []string{"java", "nginx"}, r.Query["include"])
		require.Equal(t, "64", r.Query.Get("bitness"))
		require.Equal(t, shell == "/bin/sh", c.Installers()[0].Spec.Type == cluster.TypePaaSScript)
	})
}

// TestTheDownloadDoesNotStay until the agent is checked: both need room.
func TestTheDownloadDoesNotStay(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, shell string) {
		c := newContainer(t, shell)
		f, err := candidate{c.p.Root, candidateVendor}.open(true)
		require.NoError(t, err)
		defer f.close()
		s := c.p.watch(c.order)
		defer s.stop()
		i := &installation{p: c.p, client: c.client(t), order: c.order, folder: f, status: s, work: workPrefix + "x"}
		require.NoError(t, f.root.Mkdir(i.work, 0o700))
		require.NoError(t, i.unpack(t.Context()))
		require.NotContains(t, names(t, i.path(".")), packedFile)
		require.FileExists(t, i.path(vendorDir+"/"+agent.PreloadLibrary))
	})
}

func TestAnotherAgentReplacesOne(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, shell string) {
		c := newContainer(t, shell)
		_, err := c.install(t)
		require.NoError(t, err)
		for _, change := range []func(*Order){
			func(o *Order) { o.Version = cluster.DefaultVersions[2] },
			func(o *Order) { o.Spec.Flavor = agent.FlavorMusl },
			func(o *Order) { o.Spec.Include = nil },
		} {
			change(&c.order)
			_, ok := c.p.Find(c.order)
			require.False(t, ok)
			downloads := c.Count(cluster.EndpointInstaller)
			a, err := c.install(t)
			require.NoError(t, err)
			require.Equal(t, c.order.Version, a.Version)
			require.Equal(t, downloads+1, c.Count(cluster.EndpointInstaller))
			require.Equal(t, []string{lockFile, "oneagent"}, names(t, c.p.Root))
		}
		// A library that is not as it was is no agent in place.
		require.NoError(t, os.Truncate(filepath.Join(c.p.Root, "oneagent", agent.PreloadLibrary), 1))
		_, ok := c.p.Find(c.order)
		require.False(t, ok)
		_, err = c.install(t)
		require.NoError(t, err)
	})
}

func TestTwoAtOnceInstallOnce(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, shell string) {
		c := newContainer(t, shell, cluster.WithFiller(4<<20))
		var wg sync.WaitGroup
		agents := make([]*Agent, 4)
		errs := make([]error, len(agents))
		client := c.client(t)
		for i := range agents {
			wg.Go(func() { agents[i], errs[i] = c.p.Install(t.Context(), client, c.order) })
		}
		wg.Wait()
		for i := range agents {
			require.NoError(t, errs[i])
			require.Equal(t, agents[0], agents[i])
		}
		require.Equal(t, 1, c.Count(cluster.EndpointInstaller))
	})
}

func TestLeftoversOfAKilledStartAreRemoved(t *testing.T) {
	t.Parallel()
	c := newContainer(t, "/none")
	left := filepath.Join(c.p.Root, workPrefix+"x", vendorDir)
	require.NoError(t, os.MkdirAll(left, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(left, markerFile), []byte("{}"), 0o644))
	// One that was in place before there was a marker, as no start leaves it.
	require.NoError(t, os.Mkdir(filepath.Join(c.p.Root, "oneagent"), 0o755))
	_, err := c.install(t)
	require.NoError(t, err)
	require.Equal(t, []string{lockFile, "oneagent"}, names(t, c.p.Root))
}

func TestFIPS(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, shell string) {
		c := newContainer(t, shell)
		a, err := c.install(t)
		require.NoError(t, err)
		require.FileExists(t, filepath.Join(a.Dir, agent.FIPSDisabled))
		c.order.FIPS = true
		a, err = c.install(t)
		require.NoError(t, err)
		require.NoFileExists(t, filepath.Join(a.Dir, agent.FIPSDisabled))
	})
}
