package integration

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/secrets/secretsprovider"
	"github.com/stretchr/testify/require"
)

// solveRequest is a build as a program asks for it, with what no command line
// has an option for.
type solveRequest struct {
	frontend string
	attrs    map[string]string
	inputs   map[string]llb.State
	secrets  map[string]string
}

// connect returns a client of the builder.
func connect(t *testing.T) *client.Client {
	t.Helper()
	registry(t)
	c, err := client.New(t.Context(), os.Getenv("BUILDKIT_HOST"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

// solveOpt returns the options of a build without an output.
func (r solveRequest) solveOpt() client.SolveOpt {
	secrets := map[string][]byte{}
	for id, v := range r.secrets {
		secrets[id] = []byte(v)
	}
	return client.SolveOpt{
		Frontend:       r.frontend,
		FrontendAttrs:  r.attrs,
		FrontendInputs: r.inputs,
		Session:        []session.Attachable{secretsprovider.FromMap(secrets)},
	}
}

// run runs a build that has to work.
func (r solveRequest) run(t *testing.T) result {
	t.Helper()
	res := result{archive: filepath.Join(t.TempDir(), "image.tar")}
	opt := r.solveOpt()
	opt.Exports = []client.ExportEntry{{
		Type:   client.ExporterOCI,
		Output: func(map[string]string) (io.WriteCloser, error) { return os.Create(res.archive) },
	}}
	var out strings.Builder
	status := make(chan *client.SolveStatus)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for s := range status {
			for _, v := range s.Vertexes {
				out.WriteString(v.Name + "\n")
			}
			for _, w := range s.Warnings {
				out.WriteString(string(w.Short) + "\n")
			}
		}
	}()
	_, err := connect(t).Solve(t.Context(), nil, opt, status)
	<-done
	res.output = out.String()
	require.NoError(t, err, res.output)
	return res
}

// textFile is a folder with one file in it.
func textFile(name, text string) llb.State {
	return llb.Scratch().File(llb.Mkfile(name, 0o644, []byte(text)))
}
