package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// goPackage is what is needed of the output of go list.
type goPackage struct {
	Dir, ImportPath                    string
	GoFiles, TestGoFiles, XTestGoFiles []string
	// tests are the packages whose tests have to notice.
	tests []testPackage
}

// testPackage is a package with tests.
type testPackage struct{ dir, importPath string }

// packagesOf returns the packages that patterns name and that have tests. The
// tests of the package that also names, if any, count for all packages in
// directories below it.
func packagesOf(ctx context.Context, patterns []string, also string) ([]goPackage, error) {
	all, err := list(ctx, patterns)
	if err != nil {
		return nil, err
	}
	var above []goPackage
	if also != "" {
		if above, err = list(ctx, []string{also}); err != nil {
			return nil, err
		}
	}
	var out []goPackage
	for _, p := range all {
		if p.hasTests() {
			p.tests = append(p.tests, testPackage{p.Dir, p.ImportPath})
		}
		for _, a := range above {
			if a.hasTests() && strings.HasPrefix(p.ImportPath, a.ImportPath+"/") {
				p.tests = append(p.tests, testPackage{a.Dir, a.ImportPath})
			}
		}
		if len(p.tests) > 0 {
			out = append(out, p)
		}
	}
	return out, nil
}

func (p goPackage) hasTests() bool { return len(p.TestGoFiles)+len(p.XTestGoFiles) > 0 }

// list returns the packages that patterns name.
func list(ctx context.Context, patterns []string) ([]goPackage, error) {
	if len(patterns) == 0 {
		return nil, errors.New("no packages: expected some, such as ./llb")
	}
	cmd := exec.CommandContext(ctx, "go", append([]string{"list", "-json=Dir,ImportPath,GoFiles,TestGoFiles,XTestGoFiles", "--"}, patterns...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var packages []goPackage
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, err
		}
		packages = append(packages, p)
	}
}

// mutants returns all mutants of the package in an order that the seed
// decides.
func (p goPackage) mutants(s settings) ([]mutant, error) {
	var all []mutant
	for _, name := range p.GoFiles {
		path := filepath.Join(p.Dir, name)
		source, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, path, source, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, m := range find(files, parsed, source) {
			if s.kind == "" || s.kind == m.kind {
				all = append(all, m)
			}
		}
	}
	r := rand.New(rand.NewPCG(s.seed, s.seed))
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all, nil
}
