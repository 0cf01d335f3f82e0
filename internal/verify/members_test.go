package verify_test

import (
	"testing"

	"github.com/org/dt-frontend/integration/standin/leaky"
	"github.com/org/dt-frontend/integration/standin/packed"
	"github.com/org/dt-frontend/internal/verify"
	"github.com/stretchr/testify/require"
)

func fileOf(name, content string) *leaky.Image {
	return leaky.New("x", nil, []leaky.File{{Name: name, Content: content}})
}

// Archives within archives are looked into, and a report names the way there.
func TestAudit_LooksIntoArchivesWithinArchives(t *testing.T) {
	secret := leaky.NewSecrets().APIToken
	for name, content := range map[string]string{
		"a.jar!lib/b.jar!c":    packed.Zip("lib/b.jar", packed.Zip("c", secret)),
		"a.zip!b.tar!c.gz!key": packed.Zip("b.tar", packed.Tar("c.gz", packed.Gzip(packed.Tar("key", secret)))),
		"a.deb!data.tar.xz!d":  packed.Ar("data.tar.xz", packed.Xz(packed.Tar("d", secret))),
		"a.zst!e.xz!content":   packed.Zstd(packed.Tar("e.xz", packed.Xz(secret))),
	} {
		r := audit(t, fileOf(name[:5], content), verify.Options{})
		require.NotEmpty(t, r.Leaks, name)
		l := r.Leaks[len(r.Leaks)-1]
		require.Equal(t, name, l.Path+"!"+l.Inside)
		require.Empty(t, r.Unseen)
	}
}

func TestAudit_NamesWhatItCannotLookInto(t *testing.T) {
	deep := leaky.NewSecrets().APIToken
	for range 9 {
		deep = packed.Gzip(deep)
	}
	for reason, content := range map[string]string{
		"its format is not looked into (7z)": "7z\xbc\xaf\x27\x1c and so on",
		"it lies in more than 7 archives":    deep,
	} {
		for _, content := range []string{content, packed.Tar("x", content)} {
			r := audit(t, fileOf("a", content), verify.Options{})
			require.Len(t, r.Unseen, 1, reason)
			require.Equal(t, reason, r.Unseen[0].Reason)
		}
	}
	r := audit(t, fileOf("a", packed.Zip("b/c.7z", "7z\xbc\xaf\x27\x1c")), verify.Options{})
	require.Equal(t, "a!b/c.7z", r.Unseen[0].Path)
}
