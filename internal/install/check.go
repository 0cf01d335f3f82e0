package install

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/scan/search"
	"github.com/org/dt-frontend/internal/untrusted/member"
)

// check looks in a tree for the values of whatever secrets there are. Without
// any there is nothing to look for.
func check(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("check", flag.ContinueOnError)
	dir := fs.String("tree", "", "`folder` to look in")
	out := fs.String("out", "/out", "`folder` for what the step leaves")
	from := fs.String("secrets", agent.SecretsDir, "`folder` of secrets, a file each")
	if err := parse(fs, args, stderr); err != nil {
		return err
	}
	secrets, err := secret.Load(*from)
	if err == nil && !secrets.IsEmpty() {
		err = checkTree(ctx, *dir, secrets, stdout)
	}
	if err != nil {
		return reportFailure(*out, secrets, err)
	}
	return writeJSON(*out, agent.ReportFile, agent.Report{})
}

// errHolds says that an agent is one environment's.
var errHolds = errors.New("the agent in the build context " + agent.ContextName + " holds values of the secrets that this build was given; " +
	"the log of this step names the files. No image was made. Take an agent that was made for no environment, or one that dt-frontend made")

func checkTree(ctx context.Context, dir string, secrets secret.Set, log io.Writer) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("opening the agent: %w", err)
	}
	defer root.Close()
	return searchTree(ctx, root, scan.New(secretValues(secrets)), log)
}

// searchTree prints what it finds, and returns [errHolds] for that.
func searchTree(ctx context.Context, root *os.Root, scanner *scan.Scanner, log io.Writer) error {
	var holds error
	s := &search.Search{
		Scanner: scanner,
		Found: func(at search.Location, in search.Part, found []scan.Finding) {
			holds = errHolds
			for _, f := range found {
				where := f.Form
				if in != search.InContent {
					where += ", " + string(in)
				}
				fmt.Fprintf(log, "%s: %s (%s)\n", at, f.Kind, where)
			}
		},
		Unseen: func(archive search.Location, err *member.Error) error {
			return fmt.Errorf("looking into %s: %w", archive, err)
		},
	}
	return cmp.Or(s.Tree(ctx, root), holds)
}
