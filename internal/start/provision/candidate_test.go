package provision

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// mount makes a file system in memory, which only root may.
func mount(t *testing.T, flags uintptr, options string) string {
	t.Helper()
	dir := folderOf(t, 0o755)
	if err := syscall.Mount("tmpfs", dir, "tmpfs", flags, options); err != nil {
		t.Skip("needs root: ", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	return dir
}

// needsDisk skips what a machine with its temporary files in memory refuses.
func needsDisk(t *testing.T, dir string) {
	t.Helper()
	if inMemory(dir) {
		t.Skip("needs a TMPDIR on a disk")
	}
}

var ourName = "dt-start-" + strconv.Itoa(os.Geteuid())

func TestPlaces(t *testing.T) {
	t.Parallel()
	safe := folderOf(t, 0o755)
	for name, tc := range map[string]struct {
		candidate func(t *testing.T) candidate
		// in is the agent's parent, relative to the candidate; why an error.
		in, why string
	}{
		"the vendor's":                {candidate: func(*testing.T) candidate { return candidate{safe, candidateVendor} }, in: "."},
		"the vendor's, for everybody": {candidate: func(t *testing.T) candidate { return candidate{folderOf(t, 0o777), candidateVendor} }, why: "other users can write"},
		"the vendor's, sticky":        {candidate: func(t *testing.T) candidate { return candidate{folderOf(t, fs.ModeSticky|0o777), candidateVendor} }, why: "other users can write"},
		"the vendor's, missing":       {candidate: func(*testing.T) candidate { return candidate{"/none/x", candidateVendor} }, why: "no such file"},
		"chosen":                      {candidate: func(*testing.T) candidate { return candidate{safe, candidateChosen} }, in: "."},
		"chosen, to be made": {candidate: func(t *testing.T) candidate {
			return candidate{filepath.Join(folderOf(t, 0o755), "x"), candidateChosen}
		}, in: "."},
		"chosen, for everybody":             {candidate: func(t *testing.T) candidate { return candidate{folderOf(t, 0o777), candidateChosen} }, in: ourName},
		"chosen, relative":                  {candidate: func(*testing.T) candidate { return candidate{"x", candidateChosen} }, why: "no absolute path"},
		"temporary":                         {candidate: func(t *testing.T) candidate { return candidate{folderOf(t, fs.ModeSticky|0o777), candidateTemporary} }, in: ourName},
		"temporary, ours alone":             {candidate: func(t *testing.T) candidate { return candidate{folderOf(t, 0o700), candidateTemporary} }, in: ourName},
		"temporary, not sticky":             {candidate: func(t *testing.T) candidate { return candidate{folderOf(t, 0o777), candidateTemporary} }, why: "rename what is in it"},
		"temporary, prepared by a link":     {candidate: prepared(func(n string) error { return os.Symlink("/", n) }), why: "is no folder"},
		"temporary, prepared and open":      {candidate: prepared(openFolderAt), why: "other users can write"},
		"temporary, prepared by somebody":   {candidate: prepared(other), why: "belongs to another user"},
		"temporary, a file is in the place": {candidate: prepared(func(n string) error { return os.WriteFile(n, nil, 0o600) }), why: "is no folder"},
		"mounted noexec": {candidate: func(t *testing.T) candidate {
			return candidate{mount(t, syscall.MS_NOEXEC, "mode=1777"), candidateChosen}
		}, why: "noexec"},
		"temporary, in memory": {candidate: func(t *testing.T) candidate {
			return candidate{mount(t, 0, "mode=1777"), candidateTemporary}
		}, why: "it is in memory"},
		"chosen, in memory": {candidate: func(t *testing.T) candidate {
			return candidate{mount(t, 0, "mode=1777"), candidateChosen}
		}, in: ourName},
		"chosen, with a space":  {candidate: func(t *testing.T) candidate { return candidate{filepath.Join(safe, "a b"), candidateChosen} }, why: "LD_PRELOAD cannot hold"},
		"chosen, with a colon":  {candidate: func(t *testing.T) candidate { return candidate{filepath.Join(safe, "a:b"), candidateChosen} }, why: "LD_PRELOAD cannot hold"},
		"chosen, with a dollar": {candidate: func(t *testing.T) candidate { return candidate{filepath.Join(safe, "$LIB"), candidateChosen} }, why: "LD_PRELOAD cannot hold"},
		"the vendor's, in memory": {candidate: func(t *testing.T) candidate {
			return candidate{mount(t, 0, "mode=0755"), candidateVendor}
		}, in: "."},
		"mounted read-only": {candidate: func(t *testing.T) candidate {
			return candidate{mount(t, syscall.MS_RDONLY, "mode=0755"), candidateVendor}
		}, why: "read-only file system"},
		"holds something else": {candidate: func(t *testing.T) candidate {
			dir := folderOf(t, 0o755)
			require.NoError(t, os.MkdirAll(filepath.Join(dir, final, "x"), 0o755))
			return candidate{dir, candidateVendor}
		}, why: "not made by dt-start"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := tc.candidate(t)
			if p.kind == candidateTemporary && !strings.Contains(tc.why, "memory") {
				needsDisk(t, p.dir)
			}
			f, err := p.open(true)
			if err == nil {
				defer f.close()
				err = f.usable()
			}
			if tc.why != "" {
				require.ErrorContains(t, err, tc.why)
				return
			}
			require.NoError(t, err)
			require.Equal(t, filepath.Join(p.dir, tc.in), f.path)
			st, err := os.Stat(f.path)
			require.NoError(t, err)
			require.Zero(t, st.Mode()&0o022)
		})
	}
}

// prepared is a temporary folder in which somebody has made ours.
func prepared(f func(name string) error) func(t *testing.T) candidate {
	return func(t *testing.T) candidate {
		t.Helper()
		dir := folderOf(t, fs.ModeSticky|0o777)
		if err := f(filepath.Join(dir, ourName)); err != nil {
			t.Skip("needs root: ", err)
		}
		return candidate{dir, candidateTemporary}
	}
}

func openFolderAt(name string) error {
	if err := os.Mkdir(name, 0o777); err != nil {
		return err
	}
	return os.Chmod(name, 0o777)
}

func other(name string) error {
	if err := os.Mkdir(name, 0o700); err != nil {
		return err
	}
	return os.Chown(name, 12345, 12345)
}

func TestFallsBackToATemporaryFolder(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, shell string) {
		c := newContainer(t, shell)
		c.p.Root = "/none"
		tmp := folderOf(t, fs.ModeSticky|0o777)
		needsDisk(t, tmp)
		c.p.Temporary = []string{"/none", folderOf(t, 0o777), tmp}
		a, err := c.install(t)
		require.NoError(t, err)
		require.Equal(t, filepath.Join(tmp, ourName, "oneagent"), a.Dir)
		found, ok := c.p.Find(c.order)
		require.True(t, ok)
		require.Equal(t, a, found)
		// DT_AGENT_DIR goes before.
		c.order.Dir = folderOf(t, 0o755)
		c.order.Spec.Include = nil
		a, err = c.install(t)
		require.NoError(t, err)
		require.Equal(t, filepath.Join(c.order.Dir, "oneagent"), a.Dir)
	})
}

func TestNoPlaceAtAll(t *testing.T) {
	t.Parallel()
	c := newContainer(t, "/none")
	c.p.Root = "/none"
	c.p.Temporary = []string{"/none", folderOf(t, 0o777)}
	_, err := c.install(t)
	require.ErrorContains(t, err, "there is no folder to install the agent into (/none: no such file or directory; ")
	require.ErrorContains(t, err, "name one in DT_AGENT_DIR")
	require.Zero(t, c.Count(cluster.EndpointInstaller))
}

// TestMemoryIsNotTaken for an agent, but one that is there is used.
func TestMemoryIsNotTaken(t *testing.T) {
	t.Parallel()
	c := newContainer(t, "/none")
	c.p.Root = "/none"
	tmp := mount(t, 0, "mode=1777")
	c.p.Temporary = []string{tmp}
	_, err := c.install(t)
	require.ErrorContains(t, err, tmp+": it is in memory")
	require.Empty(t, names(t, tmp))
	_, err = c.p.Where(c.order)
	require.ErrorContains(t, err, tmp+": it is in memory")

	c.order.Dir = tmp
	where, err := c.p.Where(c.order)
	require.NoError(t, err)
	a, err := c.install(t)
	require.NoError(t, err)
	require.Equal(t, where, a.Dir)
	c.order.Dir = ""
	found, ok := c.p.Find(c.order)
	require.True(t, ok)
	require.Equal(t, a, found)
}

// TestChosenFolderHasAModeOfItsOwn: it is changed for the whole process, and
// so no test may run beside.
func TestChosenFolderHasAModeOfItsOwn(t *testing.T) { //nolint:paralleltest // see above
	dir := filepath.Join(folderOf(t, 0o755), "x")
	old := syscall.Umask(0o077)
	f, err := candidate{dir, candidateChosen}.open(true)
	syscall.Umask(old)
	require.NoError(t, err)
	defer f.close()
	st, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o755), st.Mode().Perm(), "the app may be another user")
	require.NoError(t, os.Chmod(dir, 0o700))
	again, err := candidate{dir, candidateChosen}.open(true)
	require.NoError(t, err)
	defer again.close()
	st, err = os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o700), st.Mode().Perm(), "what was there is the user's")
}

func TestNoSpace(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, shell string) {
		for name, size := range map[string]string{"for the download": "size=1m,mode=755", "for the agent": "size=6m,mode=755"} {
			t.Run(name, func(t *testing.T) {
				c := newContainer(t, shell, cluster.WithFiller(4<<20))
				c.p.Root = mount(t, 0, size)
				_, err := c.install(t)
				require.ErrorIs(t, err, syscall.ENOSPC)
				require.ErrorContains(t, err, "there is no space for the agent in "+c.p.Root)
				require.Equal(t, []string{lockFile}, names(t, c.p.Root), "partial files are removed")
			})
		}
	})
}

// TestLockIsBounded: another start may hang.
func TestLockIsBounded(t *testing.T) {
	t.Parallel()
	c := newContainer(t, "/none")
	f, err := openFolder(c.p.Root)
	require.NoError(t, err)
	defer f.close()
	unlock, err := f.lock(t.Context(), func() {})
	require.NoError(t, err)
	defer unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = c.p.Install(ctx, c.client(t), c.order)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "another start is installing")
	require.Contains(t, c.words(), "waiting for another start")
}
