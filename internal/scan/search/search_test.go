package search

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/untrusted/member"
	"github.com/stretchr/testify/require"
)

// searched is a search for value that keeps what it is told.
type searched struct {
	*Search
	value  string
	found  []string
	unseen []string
}

func newSearched() *searched {
	s := &searched{value: rand.Text()}
	s.Search = &Search{
		Scanner: scan.New([]scan.Value{{Kind: "token", Value: s.value}}),
		Found: func(at Location, in Part, found []scan.Finding) {
			for _, f := range found {
				s.found = append(s.found, strings.TrimSpace(at.String()+": "+f.Form+" "+string(in)))
			}
		},
		Unseen: func(archive Location, err *member.Error) error {
			s.unseen = append(s.unseen, archive.String()+": "+err.Error())
			return nil
		},
	}
	return s
}

func zipped(t *testing.T, name, content string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Name = name
	_, err := w.Write([]byte(content))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func TestLocation_HasOneForm(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a/b", Location{File: "a/b"}.String())
	require.Equal(t, "a/b!c!d", Location{File: "a/b", Member: "c!d"}.String())
}

func TestMember_NamesTheWayAndHidesValues(t *testing.T) {
	t.Parallel()
	s := newSearched()
	at := s.File("/lib//" + s.value + "/a.jar")
	require.Equal(t, Location{File: "lib/…/a.jar"}, at)
	require.Equal(t, at, s.Member(at, ""), "the archive itself")
	in := s.Member(s.Member(at, "../b.jar"), "c/"+s.value)
	require.Equal(t, "lib/…/a.jar!b.jar!c/…", in.String())
	for range 10 {
		in = s.Member(in, strings.Repeat("x", 200)+".zip")
	}
	require.LessOrEqual(t, len(in.Member), scan.MaxShown)
	require.True(t, strings.HasPrefix(in.Member, scan.Hidden+"x"), in.Member)
	require.True(t, strings.HasSuffix(in.Member, "x.zip"), "the end is kept")
}

func TestEntry_FindsNameTargetAndAttributes(t *testing.T) {
	t.Parallel()
	s := newSearched()
	s.Entry(Entry{Name: "a/" + s.value, Target: "x" + s.value, Attributes: []string{"user.x", "", s.value}})
	require.Equal(t, []string{"a/…: plain in its name", "a/…: plain in its target", "a/…: plain in its attributes"}, s.found)
	s.found = nil
	s.Entry(Entry{Name: "a", Target: "b", Attributes: []string{"c"}})
	require.Empty(t, s.found)
}

func TestArchive_LooksIntoWhatReadReturns(t *testing.T) {
	t.Parallel()
	for deepest, want := range map[int][]string{
		1: {"f!one: nothing"},
		2: {"f!one: nothing", "f!one!two: nothing"},
		3: {"f!one: nothing", "f!one!two: nothing", "f!one!two!three: plain"},
	} {
		s := newSearched()
		content := zipped(t, "one", zipped(t, "two", zipped(t, "three", s.value)))
		var got []string
		s.Read = func(m Member) (*io.SectionReader, error) {
			dt, err := io.ReadAll(m.Content)
			require.NoError(t, err)
			s.Content(m.Location, s.Scanner.String(string(dt)))
			if len(s.found) == 0 {
				got = append(got, m.String()+": nothing")
			}
			require.Equal(t, m.Depth, len(got)+len(s.found))
			if m.Depth == deepest {
				return nil, nil
			}
			return io.NewSectionReader(bytes.NewReader(dt), 0, int64(len(dt))), nil
		}
		require.NoError(t, s.Archive(t.Context(), s.File("f"), strings.NewReader(content), int64(len(content))))
		require.Equal(t, want, append(got, s.found...))
	}
}

func TestArchive_EndsWithReadsError(t *testing.T) {
	t.Parallel()
	s := newSearched()
	enough := errors.New("enough")
	s.Read = func(Member) (*io.SectionReader, error) { return nil, enough }
	content := zipped(t, "one", "x")
	require.ErrorIs(t, s.Archive(t.Context(), s.File("f"), strings.NewReader(content), int64(len(content))), enough)
	require.Empty(t, s.unseen)
}

func TestMembers_ReportsAFileOnceOrItsMember(t *testing.T) {
	t.Parallel()
	s := newSearched()
	content := zipped(t, "m", s.value)
	same := s.Scanner.String(s.value)
	other := scan.Finding{Kind: "token", Form: "hex"}
	require.NoError(t, s.Members(t.Context(), s.File("f"), strings.NewReader(content), int64(len(content)), append(same, other)))
	require.Equal(t, []string{"f!m: plain", "f: hex"}, s.found)
}

func TestTree_FindsAllThatFilesConsistOf(t *testing.T) {
	t.Parallel()
	s := newSearched()
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "d-"+s.value), 0o755))
	for name, content := range map[string]string{
		"a": "clean", "b": "x=" + s.value, "c": zipped(t, s.value, s.value), "f": zipped(t, "m", "some content")[:20],
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	require.NoError(t, os.Symlink(s.value, filepath.Join(dir, "e")))
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	require.NoError(t, s.Tree(t.Context(), root))
	// The name of a member stands in the file, too.
	require.Equal(t, []string{"b: plain", "c!…: plain in its name", "c!…: plain", "…: plain in its name", "e: plain in its target"}, s.found)
	require.Equal(t, []string{"f: it is damaged"}, s.unseen)

	enough := errors.New("enough")
	s.Unseen = func(Location, *member.Error) error { return enough }
	require.ErrorIs(t, s.Tree(t.Context(), root), enough)
}
