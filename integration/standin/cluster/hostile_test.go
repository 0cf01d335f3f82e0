package cluster_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/standin/cluster"
)

// payload is what follows a script.
func payload(t *testing.T, script []byte) io.Reader {
	t.Helper()
	_, rest, ok := bytes.Cut(script, []byte("\n\x1f\x8b"))
	require.True(t, ok)
	return io.MultiReader(strings.NewReader("\x1f\x8b"), bytes.NewReader(rest))
}

// TestHostileArchives hold what they are to: a product that refuses them for
// another reason would look good.
func TestHostileArchives(t *testing.T) {
	e := start(t).AddEnvironment()
	for kind, want := range map[cluster.FaultKind]func(h *tar.Header) bool{
		cluster.FaultTraversal:  func(h *tar.Header) bool { return strings.HasPrefix(h.Name, "../../../") },
		cluster.FaultHardLink:   func(h *tar.Header) bool { return h.Typeflag == tar.TypeLink && h.Linkname == "/etc/passwd" },
		cluster.FaultSymlink:    func(h *tar.Header) bool { return h.Typeflag == tar.TypeSymlink && h.Linkname == "/etc/passwd" },
		cluster.FaultSymlinks:   func(h *tar.Header) bool { return h.Typeflag == tar.TypeSymlink && h.Linkname == "a/b/up/../../.." },
		cluster.FaultDevice:     func(h *tar.Header) bool { return h.Typeflag == tar.TypeChar },
		cluster.FaultPipe:       func(h *tar.Header) bool { return h.Typeflag == tar.TypeFifo },
		cluster.FaultSetuid:     func(h *tar.Header) bool { return h.Mode&0o4000 != 0 },
		cluster.FaultDouble:     func(h *tar.Header) bool { return h.Name == "agent/special" },
		cluster.FaultZeros:      func(h *tar.Header) bool { return h.Size >= 512<<20 },
		cluster.FaultPackedBomb: func(h *tar.Header) bool { return h.Name == "agent/bomb" && h.Size < 1<<20 },
	} {
		t.Run(string(kind), func(t *testing.T) {
			e.SetFault(cluster.Fault{Kind: kind})
			defer e.ClearFaults()
			res, script := get(t, e, "/unix/paas-sh/latest")
			require.Equal(t, http.StatusOK, res.StatusCode)
			z, err := gzip.NewReader(payload(t, script))
			require.NoError(t, err)
			found := 0
			for r := tar.NewReader(z); ; {
				h, err := r.Next()
				if err == io.EOF {
					break
				}
				require.NoError(t, err)
				if want(h) {
					found++
				}
			}
			require.Positive(t, found)

			res, archive := get(t, e, "/unix/paas/latest")
			require.Equal(t, http.StatusOK, res.StatusCode)
			inZip, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
			require.NoError(t, err)
			var special fs.FileMode
			for _, f := range inZip.File {
				special |= f.Mode() & (fs.ModeDevice | fs.ModeNamedPipe | fs.ModeSetuid)
			}
			want := map[cluster.FaultKind]fs.FileMode{
				cluster.FaultDevice: fs.ModeDevice, cluster.FaultPipe: fs.ModeNamedPipe, cluster.FaultSetuid: fs.ModeSetuid,
			}
			require.Equal(t, want[kind], special)
		})
	}
}

// TestMany: as many as it says, in few bytes.
func TestMany(t *testing.T) {
	e := start(t).AddEnvironment()
	e.SetFault(cluster.Fault{Kind: cluster.FaultMany})
	_, script := get(t, e, "/unix/paas-sh/latest")
	require.Less(t, len(script), 200<<20)
	require.Equal(t, 11, bytes.Count(script, []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff"))+bytes.Count(script, []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff")))
	z, err := gzip.NewReader(payload(t, script))
	require.NoError(t, err)
	z.Multistream(false)
	n, err := io.Copy(io.Discard, z)
	require.NoError(t, err)
	require.EqualValues(t, 1_000_000*512, n)
}
