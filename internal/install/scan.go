package install

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/untrusted/member"
)

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
