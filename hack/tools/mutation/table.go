package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"
)

// printTable prints one line a package. Mutants that time out are killed.
func printTable(w io.Writer, table []result) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "package\tpossible\ttried\tkilled\ttimed out\tsurvived\tnot compiled\tkilled of tried\t")
	for _, r := range table {
		share, tried := "-", r.killed+r.survived
		if tried > 0 {
			share = fmt.Sprintf("%d %%", 100*r.killed/tried)
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t\n", r.name, r.possible, tried, r.killed, r.timedOut, r.survived, r.uncompiled, share)
	}
	_ = t.Flush()
}

// relative returns the path as seen from here, which is easier to read.
func relative(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if short, err := filepath.Rel(here, path); err == nil {
		return short
	}
	return path
}
