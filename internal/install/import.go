package install

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/org/dt-frontend/internal/install/tree"
)

// importAgent cleans an agent that lies below the prefix already, as a build
// context brought it, and describes it.
func importAgent(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var s step
	fs := flag.NewFlagSet("import", flag.ContinueOnError)
	s.register(fs)
	s.registerFIPS(fs)
	prefix := fs.String("prefix", agent.Prefix, "`folder` that holds the agent in "+agent.Suffix)
	fs.StringVar(&s.spec.Version, "version", "", "`version` that the agent has to be, or any")
	if err := parse(fs, args, stderr); err != nil {
		return err
	}
	installed, err := cleanPrefix(ctx, *prefix, tree.Options{Spec: s.spec, Version: s.spec.Version})
	if err != nil {
		return reportFailure(s.out, secret.Set{}, fmt.Errorf("the build context %s: %w", agent.ContextName, err))
	}
	printSummary(stdout, installed)
	return writeJSON(s.out, agent.InstalledFile, installed)
}

// printSummary tells what has come of an agent.
func printSummary(out io.Writer, in *agent.Installed) {
	fmt.Fprintf(out, "OneAgent %s: no cluster links found in %d files (%d MB)\n", in.Version, in.Files, in.Bytes/1e6)
}

func cleanPrefix(ctx context.Context, dir string, options tree.Options) (*agent.Installed, error) {
	root, err := openAgent(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return tree.Clean(ctx, root, options)
}

// openAgent opens the agent below a prefix, and removes all else that is there.
// It is untrusted: nothing of it is opened but through a root that no symlink
// leaves.
func openAgent(dir string) (*os.Root, error) {
	prefix, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the installed agent: %w", err)
	}
	defer prefix.Close()
	if err := tree.Prune(prefix); err != nil {
		return nil, err
	}
	root, err := prefix.OpenRoot(agent.Suffix)
	if err != nil {
		return nil, fmt.Errorf("opening the installed agent: %w", err)
	}
	return root, nil
}
