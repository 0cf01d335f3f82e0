// Package solver builds by BuildKit's own Go client, with what no command line
// has an option for.
package solver

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
	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/stretchr/testify/require"
)

// Request is a build as a program asks for it.
type Request struct {
	Frontend string
	// Attrs are the frontend's.
	Attrs  map[string]string
	Inputs map[string]llb.State
	// Secrets are the build's, by id.
	Secrets map[string]string
}

// Connect returns a client of the builder, which is closed with the test.
func Connect(t testing.TB) *client.Client {
	t.Helper()
	c, err := client.New(t.Context(), os.Getenv("BUILDKIT_HOST"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

// TextFile is a directory with one file in it.
func TextFile(name, text string) llb.State {
	return llb.Scratch().File(llb.Mkfile(name, 0o644, []byte(text)))
}

// solveOpt returns the options of a build without an output.
func (r Request) solveOpt() client.SolveOpt {
	secrets := map[string][]byte{}
	for id, v := range r.Secrets {
		secrets[id] = []byte(v)
	}
	return client.SolveOpt{
		Frontend:       r.Frontend,
		FrontendAttrs:  r.Attrs,
		FrontendInputs: r.Inputs,
		Session:        []session.Attachable{secretsprovider.FromMap(secrets)},
	}
}

// Run runs a build that has to work. Its output holds the names of its steps and
// its warnings.
func (r Request) Run(t testing.TB) buildx.Result {
	t.Helper()
	res := buildx.Result{Archive: filepath.Join(t.TempDir(), "image.tar")}
	opt := r.solveOpt()
	opt.Exports = []client.ExportEntry{{
		Type:   client.ExporterOCI,
		Output: func(map[string]string) (io.WriteCloser, error) { return os.Create(res.Archive) },
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
	_, err := Connect(t).Solve(t.Context(), nil, opt, status)
	<-done
	res.Output = out.String()
	require.NoError(t, err, res.Output)
	return res
}
