package provision

import (
	"bytes"
	"context"
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/stretchr/testify/require"
)

// sharedObject writes a shared object without any dependency.
func sharedObject(t testing.TB) func(agent.Arch, agent.Flavor) (string, error) {
	dir := t.TempDir()
	return func(a agent.Arch, _ agent.Flavor) (string, error) {
		b := make([]byte, 64)
		copy(b, "\x7fELF\x02\x01\x01")
		binary.LittleEndian.PutUint16(b[16:], 3)
		binary.LittleEndian.PutUint16(b[18:], map[agent.Arch]uint16{agent.ArchX86: 62, agent.ArchARM: 183}[a])
		binary.LittleEndian.PutUint16(b[52:], 64)
		name := filepath.Join(dir, string(a))
		return name, os.WriteFile(name, b, 0o600)
	}
}

// container is a folder to install into, and a cluster to ask.
type container struct {
	*cluster.Environment
	p     *Provisioner
	order Order

	mu   sync.Mutex
	said []string
}

func newContainer(t *testing.T, shell string, opts ...cluster.EnvironmentOption) *container {
	t.Helper()
	s := cluster.New(cluster.Options{Library: sharedObject(t), Logf: t.Logf})
	c := &container{
		Environment: s.AddEnvironment(opts...),
		order: Order{
			Spec:    agent.Spec{Arch: agent.ArchX86, Flavor: agent.FlavorDefault, Include: []string{"nginx", "java"}},
			Version: cluster.DefaultTarget,
		},
	}
	require.NoError(t, s.Start(""))
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	c.p = &Provisioner{Root: folderOf(t, 0o755), Shell: shell, Interval: 20 * time.Millisecond, Say: func(s string) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.said = append(c.said, s)
	}}
	return c
}

func (c *container) words() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.said, "\n")
}

func folderOf(t testing.TB, mode fs.FileMode) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "place")
	require.NoError(t, os.Mkdir(dir, 0o755))
	require.NoError(t, os.Chmod(dir, mode))
	return dir
}

func (c *container) client(t testing.TB) *deploy.Client {
	t.Helper()
	client, err := deploy.New(deploy.Credentials{URL: c.APIURL(), Tenant: c.ID(), Token: c.APIToken()}, deploy.Options{Timeout: time.Minute})
	require.NoError(t, err)
	return client
}

func (c *container) install(t testing.TB) (*Agent, error) {
	t.Helper()
	return c.p.Install(t.Context(), c.client(t), c.order)
}

// names lists what is in a folder.
func names(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// eachForm runs a test with the script and with the zip.
func eachForm(t *testing.T, f func(t *testing.T, shell string)) {
	for name, shell := range map[string]string{"script": "/bin/sh", "zip": "/none"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, shell)
		})
	}
}

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
		f, err := place{c.p.Root, placeVendor}.open(true)
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

func TestTechnologies(t *testing.T) {
	t.Parallel()
	require.Nil(t, technologies(nil))
	require.Nil(t, technologies([]string{"java", "all"}))
	require.True(t, slices.Equal([]string{"go", "java"}, technologies([]string{"java", "go", "java"})))
}
