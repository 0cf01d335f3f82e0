package image

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/docker/cli/cli/config"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
)

func TestLimited_ReadsAsMuchAsItMay(t *testing.T) {
	for left, want := range map[int64]error{3: errTooLarge, 4: nil, 5: nil} {
		l := &limited{r: strings.NewReader("abcd"), left: left}
		dt, err := io.ReadAll(l)
		require.Equal(t, want, err, left)
		require.Equal(t, want == nil, string(dt) == "abcd", left)
		require.EqualValues(t, 4, l.read)
	}
}

func TestShort_ShowsTwelveDigits(t *testing.T) {
	require.Equal(t, "012345678901", short(digest.Digest("sha256:0123456789012")))
	require.Equal(t, "sha256:012345678901", short(digest.Digest("sha256:012345678901")), "it is no longer than it is shown")
}

// writer is a part that a store is given.
type writer struct {
	content.Writer
	written []byte
}

func (w *writer) Write(p []byte) (int, error) {
	w.written = append(w.written, p...)
	return len(p), nil
}

func (w *writer) Digest() digest.Digest { return digest.FromBytes(w.written) }

func (w *writer) Commit(context.Context, int64, digest.Digest, ...content.Opt) error { return nil }

// shelf is a store of parts.
type shelf struct {
	content.Store
	writers []*writer
	err     error
}

func (s *shelf) Writer(context.Context, ...content.WriterOpt) (content.Writer, error) {
	s.writers = append(s.writers, &writer{})
	return s.writers[len(s.writers)-1], s.err
}

func TestImporting_HasABoundOfFiles(t *testing.T) {
	i := &importing{Store: &shelf{}, in: &limited{}, left: 2}
	for range 2 {
		_, err := i.Writer(t.Context())
		require.NoError(t, err)
	}
	_, err := i.Writer(t.Context())
	require.EqualError(t, err, "it has more than 20000 files")
	broken := errors.New("no room")
	_, err = (&importing{Store: &shelf{err: broken}, left: 1}).Writer(t.Context())
	require.ErrorIs(t, err, broken)
}

// What an archive unpacks to is not larger than the archive, but for documents
// that the importer makes.
func TestImporting_WritesNoMoreThanItReads(t *testing.T) {
	const own = 1 << 20
	for more, want := range map[int]string{0: "", 1: "it has a sparse file"} {
		i := &importing{Store: &shelf{}, in: &limited{read: 3}, left: 2}
		for n, size := range []int{own, 3 + more} {
			w, err := i.Writer(t.Context())
			require.NoError(t, err)
			_, err = w.Write(make([]byte, size))
			if n == 1 && want != "" {
				require.EqualError(t, err, want)
			} else {
				require.NoError(t, err)
			}
		}
	}
}

func TestImporting_RemembersTheFilesOfTheArchive(t *testing.T) {
	i := &importing{Store: &shelf{}, in: &limited{}, left: 9}
	for _, ref := range []string{"tar-a/b", "index", ""} {
		w, err := i.Writer(t.Context(), content.WithRef(ref))
		require.NoError(t, err)
		_, err = w.Write([]byte("x"))
		require.NoError(t, err)
		require.NoError(t, w.Commit(t.Context(), 1, ""))
	}
	require.Equal(t, []importedFile{{"a/b", digest.FromString("x")}}, i.files)
	failing := func(*content.WriterOpts) error { return errors.New("no option") }
	require.Empty(t, nameOf([]content.WriterOpt{content.WithRef("tar-a"), failing}))
}

func TestLooksLikePath_KnowsNamesOfFiles(t *testing.T) {
	for ref, want := range map[string]bool{
		"": true, ".": true, "./a": true, "../a": true, "/a": true, "a.tar": true, "a": false, "a/b:1": false, "a.tar/b": false,
	} {
		require.Equal(t, want, looksLikePath(ref), ref)
	}
}

func TestCheckPaths_TakesAPathOfTheLargestSize(t *testing.T) {
	long := strings.Repeat("a", 4096)
	require.NoError(t, checkPaths(long, long))
	require.EqualError(t, checkPaths(long+"a", ""), "it has a path of 4097 bytes: a path has at most 4096")
	require.EqualError(t, checkPaths("", long+"aa"), "it has a path of 4098 bytes: a path has at most 4096")
}

func TestSplitLayout_TakesAReferenceApart(t *testing.T) {
	top := t.TempDir()
	colon := filepath.Join(top, "a:b")
	require.NoError(t, os.Mkdir(colon, 0o755))
	d := digest.FromString("x")
	for ref, want := range map[string][3]string{
		colon:                          {colon, "", ""},
		colon + "@" + d.String():       {colon, "", d.String()},
		colon + ":1":                   {colon, "1", ""},
		top + "/c:1@" + d.String():     {top + "/c", "1", d.String()},
		top + "/c@" + d.String()[1:]:   {top + "/c@ha256", strings.TrimPrefix(d.String(), "sha256:"), ""},
		top + "/a:b/c":                 {top + "/a:b/c", "", ""},
		"c:1":                          {"c", "1", ""},
		":1":                           {"", "1", ""},
		top + "/x:y/c@" + d.String():   {top + "/x:y/c", "", d.String()},
		top + "/x:y/c:2@" + d.String(): {top + "/x:y/c", "2", d.String()},
	} {
		dir, tag, dgst := splitLayout(ref)
		require.Equal(t, want, [3]string{dir, tag, dgst.String()}, ref)
	}
}

func TestSkip_LeavesOutWhatImagesHave(t *testing.T) {
	used := digest.FromString("used")
	l := looseLayout{used: map[digest.Digest]bool{used: true}}
	for name, want := range map[string]bool{
		ocispecs.ImageIndexFile: true, "blobs": true, "blobs/sha256": true, "blobs/sha512": true, "blobs/sha256/" + used.Encoded(): true,
		"blobs/md5": false, "blobs/sha256/" + digest.FromString("x").Encoded(): false, "oci-layout": false, "sha256": false, "x/blobs": false,
		"blobs/sha512/" + used.Encoded(): false,
	} {
		require.Equal(t, want, l.skip(name), name)
	}
}

func TestDockerCredentials_KnowsTheHubAndIdentityTokens(t *testing.T) {
	name := filepath.Join(config.Dir(), "config.json")
	// "me:other" in base64.
	require.NoError(t, os.WriteFile(name, []byte(`{"auths":{
		"https://index.docker.io/v1/": {"auth": "bWU6b3RoZXI="},
		"a.invalid": {"auth": "bWU6b3RoZXI=", "identitytoken": "t0"}
	}}`), 0o600))
	t.Cleanup(func() { _ = os.Remove(name) })
	ask := dockerCredentials()
	for host, want := range map[string][2]string{
		"registry-1.docker.io": {"me", "other"}, "a.invalid": {"", "t0"}, "b.invalid": {"", ""},
	} {
		user, secret, err := ask(host)
		require.NoError(t, err)
		require.Equal(t, want, [2]string{user, secret}, host)
	}
	require.NoError(t, os.WriteFile(name, []byte(`{"credHelpers":{"a.invalid":"no-such-helper"}}`), 0o600))
	_, _, err := dockerCredentials()("a.invalid")
	require.Error(t, err)
	_, _, err = ask("a.invalid")
	require.NoError(t, err, "the config is read once")
}

func TestExplain_SaysWhatToDo(t *testing.T) {
	require.Equal(t, context.Canceled, explain(context.Canceled))
	require.Equal(t, context.DeadlineExceeded, explain(context.DeadlineExceeded))
	err := errors.New(`Get "https://store.invalid/a?signature=abc&x=1": EOF`)
	require.EqualError(t, explain(err), `Get "https://store.invalid/a?…": EOF`)
	_, err = explained{io.NopCloser(errReader{err})}.Read(make([]byte, 1))
	require.EqualError(t, err, `Get "https://store.invalid/a?…": EOF`)
	_, err = explained{io.NopCloser(strings.NewReader(""))}.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
}

// errReader fails.
type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// cut is a reader that fails behind a text.
func cut(text string, err error) io.Reader {
	return io.MultiReader(strings.NewReader(text), errReader{err})
}

func TestDecompress_FailsWithItsReader(t *testing.T) {
	broken := errors.New("the disk is gone")
	_, err := decompress(cut("abc", broken))
	require.ErrorIs(t, err, broken)
	_, err = unpacked(cut("abc", broken), nil)
	require.ErrorIs(t, err, broken)
	plain, err := decompress(strings.NewReader("abc"))
	require.NoError(t, err)
	dt, err := io.ReadAll(plain)
	require.NoError(t, err)
	require.Equal(t, "abc", string(dt))
}
