// Command mutation reports which faults in Go packages their unit tests do not
// notice. It makes one small change at a time (a mutant), builds the package's
// tests with it and runs them: where they still pass, the mutant survived.
//
// The tree is never written: go's -overlay puts the changed file in place. A
// sample of all possible mutants is drawn with a seed, which is printed, so
// that a run can be repeated.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"time"
)

// settings are what a run is told.
type settings struct {
	seed   uint64
	sample int           // mutants that compile, a package
	budget time.Duration // a package
	kind   string        // only this kind of mutant; empty: all
	also   string        // a package whose tests count for those below it; empty: none
}

func main() {
	var s settings
	flag.Uint64Var(&s.seed, "seed", rand.Uint64N(1e6), "draws the sample; default: a random one")
	flag.IntVar(&s.sample, "sample", 40, "`mutants` that compile, for each package")
	flag.DurationVar(&s.budget, "time", 10*time.Minute, "the longest `time` for each package")
	flag.StringVar(&s.kind, "kind", "", "only this `kind`: condition, boundary, statement, entry or error")
	flag.StringVar(&s.also, "also", "", "count the tests of this `package` for the packages in directories below it too")
	flag.Parse()
	if err := run(s, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "mutation:", err)
		os.Exit(1)
	}
}

// run tries all packages, one after the other, and prints the table.
func run(s settings, patterns []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	packages, err := packagesOf(ctx, patterns, s.also)
	if err != nil {
		return err
	}
	fmt.Printf("seed %d\n", s.seed)
	table := []result{}
	for _, p := range packages {
		r, err := try(ctx, p, s)
		if err != nil {
			return fmt.Errorf("%s: %w", p.ImportPath, err)
		}
		table = append(table, r)
	}
	printTable(os.Stdout, table)
	return nil
}
