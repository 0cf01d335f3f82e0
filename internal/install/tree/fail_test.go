package tree

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/moduleconfig"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/scan/search"
	"github.com/stretchr/testify/require"
)

// rootOf opens a directory.
func rootOf(t *testing.T, dir string) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, root.Close()) })
	return root
}

func TestClean_FailsWhereFIPSCannotBeSwitchedOn(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	s.fips = true
	_, err := s.clean(t)
	require.NoError(t, err, "an agent without the flag is in FIPS mode")
	s = newSample(t)
	s.fips = true
	s.write(t, agent.FIPSDisabled+"/file", "x", 0o644)
	_, err = s.clean(t)
	require.ErrorContains(t, err, "switching the agent to FIPS mode")
}

func TestClean_RefusesAConfigurationThatItCannotRead(t *testing.T) {
	t.Parallel()
	const name, most = "agent/conf/standalone.conf", 1 << 20
	for _, name := range []string{name, "dynatrace-env.sh"} {
		for size, want := range map[int]string{most: "", most + 1: name + " of the agent has more than 1048576 bytes"} {
			s := newSample(t)
			s.write(t, name, strings.Repeat("#", size-1)+"\n", 0o644)
			_, err := s.clean(t)
			if want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, want)
			}
		}
	}
	s := newSample(t)
	require.NoError(t, os.Remove(filepath.Join(s.dir, name)))
	require.NoError(t, os.Mkdir(filepath.Join(s.dir, name), 0o755))
	_, err := s.clean(t)
	require.ErrorContains(t, err, name+" of the agent is not a regular file")
}

func TestClean_EndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	root := rootOf(t, s.dir)
	_, err := Clean(ctx, root, Options{Spec: agent.Spec{Arch: agent.ArchX86, Flavor: agent.FlavorDefault}, Version: testVersion})
	require.ErrorIs(t, err, context.Canceled)
	require.Contains(t, s.read(t, "agent/conf/standalone.conf"), s.tenant, "nothing was done")
	to := filepath.Join(t.TempDir(), "copy")
	require.ErrorIs(t, Copy(ctx, root, to), context.Canceled)
	entries, err := os.ReadDir(to)
	require.NoError(t, err)
	require.Empty(t, entries)
}

func TestClean_RefusesAHostGroup(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	s.group = "group-9"
	_, err := s.clean(t)
	require.NoError(t, err)
	require.Contains(t, s.read(t, moduleconfig.File), "group-9")

	s = newSample(t)
	s.group = "x" + s.tenant
	_, err = s.clean(t)
	require.EqualError(t, err, "invalid host-group: it holds the environment id, which an image may not have")

	s = newSample(t)
	s.group = "group-9"
	require.NoError(t, os.Remove(filepath.Join(s.dir, moduleconfig.File)))
	s.manifest(t, nil)
	_, err = s.clean(t)
	require.ErrorContains(t, err, "the agent has no "+moduleconfig.File+" to write the host group into")
}

func TestCleaning_LooksForAsManyValuesAsItMay(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{5000: "", 5001: "the agent and its environment name 5001 links to the cluster; no environment has as many"} {
		values := make([]scan.Value, n)
		for i := range values {
			values[i] = scan.Value{Kind: "x", Value: "the-same-8"}
		}
		_, err := (&cleaning{options: Options{Values: values}}).scanner(nil)
		if want == "" {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, want)
		}
	}
}

func TestPrune_FailsWhereItCannotLook(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"dynatrace", "other"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	require.ErrorContains(t, Prune(rootOf(t, dir)), "looking for the installed agent")
	require.FileExists(t, filepath.Join(dir, "other"))
}

func TestCopy_FailsWhereItCannotWrite(t *testing.T) {
	t.Parallel()
	from := rootOf(t, t.TempDir())
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.ErrorContains(t, Copy(t.Context(), from, file), "making a folder for the agent")
	require.NoError(t, Copy(t.Context(), from, filepath.Dir(file)), "an empty agent leaves what is there")
	require.FileExists(t, file)
}

// A file may not change between two looks at it.
func TestContent_WantsTheSizeThatAFileHad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a"), []byte("abc"), 0o600))
	root := rootOf(t, dir)
	for size, want := range map[int64]bool{2: false, 3: true, 4: false} {
		p, err := newPass(root, scan.New(nil), nil)
		require.NoError(t, err)
		err = p.content(t.Context(), "a", size, false)
		if want {
			require.NoError(t, err)
			require.Equal(t, 1, p.files)
			require.EqualValues(t, 3, p.bytes)
		} else {
			require.ErrorContains(t, err, "a of the agent changed while it was read")
		}
	}
	p, err := newPass(root, scan.New(nil), nil)
	require.NoError(t, err)
	require.ErrorContains(t, p.content(t.Context(), "lost", 0, false), "opening lost")
}

func TestMember_HasABoundForAllArchives(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{"abc": nil, "abcd": errUnpacked} {
		p, err := newPass(rootOf(t, t.TempDir()), scan.New(nil), nil)
		require.NoError(t, err)
		p.unpacked = maxUnpacked - 3
		_, err = p.member(search.Member{Content: strings.NewReader(text)})
		require.Equal(t, want, err)
	}
}

// slow is a writer that may fail.
type slow struct {
	got string
	err error
}

func (s *slow) Write(p []byte) (int, error) {
	s.got += string(p)
	return len(p), s.err
}

func TestFanOut_WritesToAllAndFailsWithAny(t *testing.T) {
	t.Parallel()
	broken := errors.New("no room")
	for at := range 4 {
		all := []*slow{{}, {}, {}}
		if at < 3 {
			all[at].err = broken
		}
		n, err := fanOut{all[0], all[1], all[2]}.Write([]byte("abc"))
		for _, w := range all {
			require.Equal(t, "abc", w.got)
		}
		if at < 3 {
			require.ErrorIs(t, err, broken, at)
			require.Zero(t, n)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, 3, n)
	}
	_, err := io.WriteString(fanOut{&slow{}}, "x")
	require.NoError(t, err, "one is enough")
}

func TestLayerHash_WantsTheContentThatItWasPromised(t *testing.T) {
	t.Parallel()
	l, err := newLayerHash()
	require.NoError(t, err)
	require.NoError(t, l.add("a", 0o644, 3, ""))
	_, err = l.Write([]byte("ab"))
	require.NoError(t, err)
	_, err = l.sum()
	require.Error(t, err)
}
