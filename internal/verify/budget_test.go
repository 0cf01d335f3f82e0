package verify_test

import (
	"archive/tar"
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/org/dt-frontend/integration/standin/leaky"
	"github.com/org/dt-frontend/internal/verify"
	"github.com/org/dt-frontend/internal/verify/image"
	"github.com/stretchr/testify/require"
)

// look audits an image that may be hostile.
func look(ctx context.Context, t testing.TB, ref string, o verify.Options) (*verify.Report, error) {
	t.Helper()
	img, err := image.Open(t.Context(), ref, image.Options{Temp: t.TempDir()})
	require.NoError(t, err)
	defer func() { require.NoError(t, img.Close()) }()
	o.Temp = t.TempDir()
	return verify.Audit(ctx, img, o)
}

// maxAttackMemory is what an audit of an attack may keep at once, in bytes.
const maxAttackMemory = 100 << 20

// Small images that would cost a lot of time or memory are refused, and the
// error names the bound and the flag that raises it.
func TestAudit_RefusesAttacks(t *testing.T) {
	for name, tt := range map[string]struct {
		write   attack
		files   int
		options verify.Options
		what    string
		flag    string
	}{
		"nested gzip":              {nestedGzip, 10, verify.Options{MaxBytes: 100_000_000}, "holds more than the 100000000 bytes", "--max-bytes"},
		"names of a megabyte":      {hugeNames, 20, verify.Options{}, "a path has at most 4096", ""},
		"long names":               {longNames, 1000, verify.Options{MaxFacts: 10_000}, "more than the 10000 paths", "--max-facts"},
		"deep files and whiteouts": {deepFiles, 1000, verify.Options{MaxFacts: 10_000}, "more than the 10000 paths", "--max-facts"},
		"symlinks":                 {symlinks, 100, verify.Options{MaxBytes: 100_000_000}, "holds more than the 100000000 bytes", "--max-bytes"},
		"manifests":                {manifests, 10, verify.Options{MaxFacts: 100_000}, "more than the 100000 paths", "--max-facts"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLayout(t)
			tt.write(t, l, tt.files)
			tt.options.AgentLayers = gate(t)
			peak := watchMemory(t)
			_, err := look(t.Context(), t, l.ref(), tt.options)
			require.ErrorContains(t, err, tt.what)
			require.ErrorContains(t, err, tt.flag)
			require.Less(t, peak(), uint64(maxAttackMemory))
		})
	}
}

// watchMemory returns what the most is that was alive since, more than before,
// as far as garbage collections have seen it.
func watchMemory(t *testing.T) func() uint64 {
	t.Helper()
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var most atomic.Uint64
	var watch func(*byte)
	watch = func(*byte) {
		runtime.ReadMemStats(&now)
		most.Store(max(most.Load(), now.HeapInuse))
		runtime.SetFinalizer(new(byte), watch)
	}
	runtime.SetFinalizer(new(byte), watch)
	return func() uint64 { return most.Load() - min(most.Load(), before.HeapInuse) }
}

// The depth of a path costs what it has parts, and not the square of that.
func TestAudit_WalksADeepFolder(t *testing.T) {
	const levels = 500
	r, err := look(t.Context(), t, deepFolder(t, filepath.Join(t.TempDir(), "top"), levels), verify.Options{AgentLayers: gate(t)})
	require.NoError(t, err)
	require.Equal(t, levels, r.Looked.Files)
	_, err = look(t.Context(), t, deepFolder(t, filepath.Join(t.TempDir(), "top"), 2100), verify.Options{})
	require.ErrorContains(t, err, "a path has at most 4096")
}

// counting is a context that ends after so many looks at it.
type counting struct {
	context.Context
	left, late int
}

func (c *counting) Err() error {
	if c.left--; c.left >= 0 {
		return nil
	}
	c.late++
	return context.Canceled
}

// An audit ends soon after its context, wherever it is.
func TestAudit_EndsWithItsContext(t *testing.T) {
	many := func(t testing.TB, l *layout) {
		deep := strings.Repeat("d/", 100)
		layers := []stored{l.layer(func(w *tar.Writer) {
			for i := range 200 {
				put(t, w, fmt.Sprintf("%s%d/manifest.json", deep, i), bomb(t, 1<<10))
				require.NoError(t, w.WriteHeader(&tar.Header{Name: fmt.Sprintf("link%d", i), Typeflag: tar.TypeSymlink, Linkname: "d"}))
			}
		})}
		layers = append(layers, l.layer(func(w *tar.Writer) { put(t, w, "d/.wh.d", nil) }))
		l.finish(layers...)
	}
	l := newLayout(t)
	many(t, l)
	folder := deepFolder(t, filepath.Join(t.TempDir(), "top"), 50)
	for _, ref := range []string{l.ref(), folder} {
		all := &counting{Context: t.Context(), left: 1 << 30}
		_, err := look(all, t, ref, verify.Options{AgentLayers: gate(t)})
		require.NoError(t, err)
		looks := 1<<30 - all.left
		require.Greater(t, looks, 100)
		for at := 0; at < looks; at += 1 + looks/50 {
			ctx := &counting{Context: t.Context(), left: at}
			_, err := look(ctx, t, ref, verify.Options{AgentLayers: gate(t)})
			require.ErrorIs(t, err, context.Canceled)
			require.Less(t, ctx.late, 20, "nothing more is done")
		}
	}
}

// What people build is within the bounds, however they ask for it.
func TestAudit_HasRoomForGoodImages(t *testing.T) {
	for _, img := range leaky.Good() {
		audit(t, img, verify.Options{AgentLayers: gate(t)})
	}
}
