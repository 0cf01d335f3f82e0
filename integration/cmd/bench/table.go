package main

import (
	"fmt"
	"io"
	"time"
)

const row = "%-32s %9s %12s %9s %10s\n"

// table prints medians, and ratios of what is added to the first candidate, the
// base line. The second is a plain init.
func table(w io.Writer, list []*candidate) error {
	over := func(c *candidate) time.Duration { return c.median() - list[0].median() }
	_, err := fmt.Fprintf(w, row, "", "median", "over direct", "to tini", "to script")
	for i, c := range list {
		var beyond, tini, script string
		if i > 0 {
			beyond, tini = ms(over(c)), ratio(over(c), over(list[1]))
		}
		if c.rival != nil {
			script = ratio(over(c), over(c.rival))
		}
		if err == nil {
			_, err = fmt.Fprintf(w, row, c.name, ms(c.median()), beyond, tini, script)
		}
	}
	return err
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", 1e3*d.Seconds()) }

func ratio(a, b time.Duration) string {
	if b <= 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", a.Seconds()/b.Seconds())
}
