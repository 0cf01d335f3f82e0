package verify

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/daemon"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// witness is a daemon of the test's own, of which everything is searched.
type witness struct {
	daemon *daemon.Daemon
	// subjects are those of all builds so far.
	subjects []*subject
}

// search looks into what every build leaves, whatever its end: the client's
// output, the daemon's history, log and folder. In each the build's planted
// value has to be.
func (w *witness) search(t *testing.T, s *subject, r buildx.Result) {
	t.Helper()
	w.subjects = append(w.subjects, s)
	output := search.Haystack{}
	output.Add("output", []byte(r.Output))
	s.requireNone(t, "progress", output)
	require.NotEmpty(t, output.Find(s.planted), "control: the Dockerfile's name is in the progress: %s", r.Output)

	ref := w.searchHistory(t, s)
	plain, err := w.daemon.Command(t.Context(), "buildctl", "debug", "logs", "--progress=plain", ref).CombinedOutput()
	require.NoError(t, err, "%s", plain)
	logs := search.Haystack{}
	logs.Add("logs", plain)
	s.requireNone(t, "recorded progress", logs)
	require.NotEmpty(t, logs.Find(s.planted), "control: the Dockerfile's name is in the recorded progress")

	log := search.Haystack{}
	log.Add("log", w.daemon.Log())
	s.requireNone(t, "the daemon's log", log)
	require.NotEmpty(t, log.Find(s.planted), "control: build args are in the debug log")
	w.searchFolder(t, s)
}

// searchFolder looks into all that the daemon has: its root, its scratch files,
// its log and the client's own records.
func (w *witness) searchFolder(t *testing.T, s *subject) {
	t.Helper()
	found := w.find(t, append([]cluster.Secret{{Name: "planted", Value: s.planted}}, s.sentinels...))
	planted := found["planted"]
	delete(found, "planted")
	require.Empty(t, found, "left in the daemon's folder")
	require.True(t, search.Some(planted, "root/history"), "control: the Dockerfile's name is in the history: %v", planted)
}

// searchEnded looks for all secrets of all builds, when the daemon has ended.
func (w *witness) searchEnded(t *testing.T) {
	t.Helper()
	w.daemon.Stop()
	require.NotEmpty(t, w.subjects)
	var all []cluster.Secret
	for n, s := range w.subjects {
		for _, secret := range s.sentinels {
			all = append(all, cluster.Secret{Name: fmt.Sprintf("%s of build %d", secret.Name, n), Value: secret.Value})
		}
	}
	require.Empty(t, w.find(t, all), "left in the daemon's folder")
}

// find returns where in the daemon's folder secrets are, by their names.
func (w *witness) find(t *testing.T, secrets []cluster.Secret) map[string][]string {
	t.Helper()
	f := search.NewFinder(secrets)
	search.EachFile(t, w.daemon.Dir(), func(name string, dt []byte) { search.Unpack(name, dt, f.Look) })
	return f.Found
}

func (s *subject) requireNone(t *testing.T, where string, h search.Haystack) {
	t.Helper()
	require.Empty(t, h.FindAll(s.sentinels), where)
}

// collect lets the daemon collect its garbage until none of it is a secret.
func (w *witness) collect(t *testing.T, s *subject) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		if w.daemon.Collect(); len(w.find(t, s.sentinels)) == 0 {
			return
		}
	}
}

// holds reports whether a file that ends so is in the daemon's storage.
func (w *witness) holds(t *testing.T, name string) bool {
	t.Helper()
	there := false
	_ = filepath.WalkDir(w.daemon.Root(), func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, "/"+name) {
			there = true
			return fs.SkipAll
		}
		return nil // what goes while one walks is no news
	})
	return there
}
