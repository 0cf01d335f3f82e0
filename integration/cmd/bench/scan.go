package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/org/dt-frontend/integration/standin/leaky"
)

// benchScan measures how fast programs of dt-verify search a directory, beside
// md5sum and sha256sum, which read and hash it.
func benchScan(args []string) error {
	flags := flag.NewFlagSet("scan", flag.ContinueOnError)
	runs := flags.Int("runs", 10, "`TIMES` that each is run")
	dir := flags.String("dir", "", "`DIRECTORY` that is searched")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *runs < 1 {
		return errors.New("invalid --runs: expected at least 1")
	}
	files, size, err := measure(*dir)
	if err != nil {
		return fmt.Errorf("looking at what is searched: %w", err)
	}
	secrets, err := writeSecrets()
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(secrets) }()
	list, err := searchers(*dir, secrets, flags.Args())
	if err != nil {
		return err
	}
	if err := interleave(list, 1, *runs); err != nil {
		return err
	}
	fmt.Printf("Search of %d files of %d MB in all, as medians of %d, interleaved, on %d processors.\n"+
		"The files are in the page cache. dt-verify also searches what is in archives among them.\n"+
		"The ratios are of processor time.\n\n",
		files, size/1e6, *runs, runtime.NumCPU())
	const row = "%-44s %9s %11s %10s\n"
	fmt.Printf(row, "", "median", "processor", "to md5sum")
	base := median(list[0].used)
	for _, c := range list {
		used := median(c.used)
		fmt.Printf(row, c.name, seconds(c.median()), seconds(used), ratio(used, base))
	}
	return nil
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// measure counts the regular files below a directory, and their bytes.
func measure(dir string) (files int, size int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		files++
		size += info.Size()
		return nil
	})
	if err == nil && files == 0 {
		err = fmt.Errorf("no files in %q", dir)
	}
	return files, size, err
}

// writeSecrets writes the values of an environment that nothing has, so that
// there is something to look for.
func writeSecrets() (string, error) {
	f, err := os.CreateTemp("", "bench-secrets-")
	if err != nil {
		return "", err
	}
	for id, value := range leaky.NewSecrets().All() {
		if _, err := fmt.Fprintf(f, "%s=%s\n", id, value); err != nil {
			return "", errors.Join(err, f.Close())
		}
	}
	return f.Name(), f.Close()
}

// searchers are the programs that are compared. Those of dt-verify are given as
// NAME=PROGRAM.
func searchers(dir, secrets string, programs []string) ([]*candidate, error) {
	find, err := exec.LookPath("find")
	if err != nil {
		return nil, err
	}
	env := []string{"PATH=" + os.Getenv("PATH")}
	var list []*candidate
	for _, sum := range []string{"md5sum", "sha256sum"} {
		list = append(list, &candidate{name: sum, args: []string{find, dir, "-type", "f", "-exec", sum, "--", "{}", "+"}, env: env})
	}
	for _, p := range programs {
		name, program, ok := strings.Cut(p, "=")
		if !ok {
			return nil, fmt.Errorf("invalid program %q: expected NAME=PROGRAM", p)
		}
		// 2 says that the directory is not instrumented, and that nothing was found.
		for _, more := range [][]string{nil, {"--secret-file", secrets}} {
			c := &candidate{name: name + ", by form", args: append([]string{program}, more...), env: env, status: 2}
			if more != nil {
				c.name = name + ", values given"
			}
			c.args = append(c.args, dir)
			list = append(list, c)
		}
	}
	return list, nil
}
