package verify_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/standin/packed"
	"github.com/org/dt-frontend/internal/random"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/verify"
	"github.com/stretchr/testify/require"
)

// TestAudit_ReadsLargeFilesToTheirEnd, whatever is kept of them in memory: a value
// may lie behind, and across the border.
func TestAudit_ReadsLargeFilesToTheirEnd(t *testing.T) {
	t.Parallel()
	const kept = 8 << 20
	value := random.Text()
	for name, at := range map[string]int{
		"in front of the border": kept - len(value), "across the border": kept - 9, "behind the border": kept, "at the end": kept + 3<<20,
	} {
		content := strings.Repeat("x", at) + value
		r := audit(t, fileOf("f", content), verify.Options{Values: []scan.Value{{Kind: "it", Value: value}}})
		require.Len(t, r.Leaks, 1, name)
		require.Equal(t, "f", r.Leaks[0].Path, name)
		require.GreaterOrEqual(t, r.Looked.Bytes, int64(len(content)), name)
		require.Empty(t, r.Unseen, name)
	}
}

// TestAudit_LooksIntoLargeArchives, which are kept on disk.
func TestAudit_LooksIntoLargeArchives(t *testing.T) {
	t.Parallel()
	value := random.Text()
	noise := make([]byte, 9<<20)
	_, _ = rand.NewChaCha8([32]byte{}).Read(noise)
	text := string(noise) + value
	for name, content := range map[string]string{
		"gzip": packed.Gzip(text), "tar": packed.Tar("m", text), "tar in gzip": packed.Gzip(packed.Tar("m", text)), "zstd": packed.Zstd(text),
		"script": "#!/bin/sh\nexit\n" + packed.Gzip(text),
	} {
		require.Greater(t, len(content), 8<<20, name)
		r := audit(t, fileOf("f", content), verify.Options{Values: []scan.Value{{Kind: "it", Value: value}}})
		require.True(t, slices.ContainsFunc(r.Leaks, func(l verify.Leak) bool { return l.Kind == "it" }), name)
		require.Empty(t, r.Unseen, name)
	}
}

// TestAudit_KnowsATokenByItsForm, without a value, and no other word.
func TestAudit_KnowsATokenByItsForm(t *testing.T) {
	t.Parallel()
	token := random.Token()
	for text, want := range map[string]bool{
		token: true, "x=" + token + "\n": true, strings.Repeat("y", 9<<20) + token: true, token[:40]: false, "dt0c01": false,
	} {
		r := audit(t, fileOf("f", text), verify.Options{})
		require.Equal(t, want, len(r.Leaks) == 1)
	}
}
