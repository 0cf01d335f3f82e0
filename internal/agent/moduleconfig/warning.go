package moduleconfig

import (
	"fmt"
	"strings"
)

// Warning tells the person who builds what of a configuration could not be
// merged, while the rest was.
func Warning(why string) string { return "config=merge: " + why }

// NotMerged is a Warning where nothing was.
func NotMerged(why string) string {
	return Warning(why) + "; the agent keeps the installer's own settings"
}

// maxLeftOut bounds a warning. Whoever has left out so many need not know them
// all.
const maxLeftOut = 10

// DescribeOmissions says which properties are not in an agent and why. They are
// sorted by the reason.
func DescribeOmissions(all []Omission) string {
	var b strings.Builder
	why := ""
	for i, o := range all {
		switch {
		case i == maxLeftOut:
			fmt.Fprintf(&b, " and %d more", len(all)-i)
			return b.String()
		case o.Why != why && i > 0:
			fmt.Fprintf(&b, "; left out, since %s: %s", o.Why, o.Name)
		case o.Why != why:
			fmt.Fprintf(&b, "left out, since %s: %s", o.Why, o.Name)
		default:
			b.WriteString(", " + o.Name)
		}
		why = o.Why
	}
	return b.String()
}

// Reason returns what went wrong and what was left out besides.
func Reason(err error, leftOut []Omission) string {
	if len(leftOut) == 0 {
		return err.Error()
	}
	return err.Error() + "; " + DescribeOmissions(leftOut)
}
