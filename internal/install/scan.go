package install

import (
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/untrusted/member"
)

// leakedError says that values were found.
type leakedError struct {
	files int
}

// Error counts the files.
func (e *leakedError) Error() string {
	return fmt.Sprintf("values of the environment found in %d places", e.files)
}

// scanFolder looks in a folder, such as an unpacked image, for the values of an
// environment's secrets. What the cluster answers is asked for, so that its
// tenant token and endpoints are looked for too.
func scanFolder(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("scan", flag.ContinueOnError)
	dir := flags.String("secrets", "", "`folder` of secrets, a file each")
	if err := parse(flags, args, stderr); err != nil {
		return err
	}
	if flags.NArg() != 1 || *dir == "" {
		fmt.Fprintln(stderr, "usage: dt-install scan --secrets DIR FOLDER")
		return errUsage
	}
	secrets, err := secret.Load(*dir)
	if err != nil {
		return err
	}
	client, err := secrets.Client()
	if err != nil {
		return err
	}
	links, err := client.ConnectionInfo(ctx, "", "")
	if err != nil {
		return err
	}
	values, err := forbidden(secrets, links, "")
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(flags.Arg(0))
	if err != nil {
		return fmt.Errorf("opening the folder: %w", err)
	}
	defer root.Close()
	files, leaks, err := scanRoot(ctx, root, scan.New(values), stdout)
	if err != nil {
		return err
	}
	if leaks > 0 {
		return &leakedError{leaks}
	}
	fmt.Fprintf(stdout, "no cluster links found in %d files\n", files)
	return nil
}

// scanRoot prints each finding; it returns the number of files and of findings.
func scanRoot(ctx context.Context, root *os.Root, scanner *scan.Scanner, out io.Writer) (files, leaks int, err error) {
	say := func(name, where string, findings []scan.Finding) {
		for _, f := range findings {
			leaks++
			fmt.Fprintf(out, "%s: %s (%s%s)\n", scan.Printable(name), f.Kind, f.Form, where)
		}
	}
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		say(name, ", in its name", scanner.String(name))
		switch {
		case d.Type()&fs.ModeSymlink != 0:
			target, err := root.Readlink(name)
			if err != nil {
				return err
			}
			say(name, ", in its target", scanner.String(target))
		case d.Type().IsRegular():
			files++
			return scanFile(ctx, root, name, scanner, say)
		}
		return nil
	})
	return files, leaks, err
}

// scanFile looks into a file, and into the members of an archive.
func scanFile(ctx context.Context, root *os.Root, name string, scanner *scan.Scanner, say func(name, where string, findings []scan.Finding)) error {
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	stream := scanner.Stream()
	size, err := io.Copy(stream, f)
	if err != nil {
		return err
	}
	say(name, "", stream.Findings())
	err = member.Walk(ctx, f, size, func(entry string, content io.Reader) error {
		say(name+"!"+entry, ", in its name", scanner.String(entry))
		stream := scanner.Stream()
		_, err := io.Copy(stream, content)
		say(name+"!"+entry, "", stream.Findings())
		return err
	})
	if err != nil {
		return fmt.Errorf("looking into %s: %w", scan.Printable(name), err)
	}
	return nil
}
