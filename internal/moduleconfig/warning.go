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

// maxLeftOut bounds a warning. Who has left out so many need not know them all.
const maxLeftOut = 10

// LeftOut says why properties of these names are not in an agent.
func LeftOut(names []string) string {
	more := ""
	if n := len(names) - maxLeftOut; n > 0 {
		names, more = names[:maxLeftOut], fmt.Sprintf(" and %d more", n)
	}
	return "left out, since an image may not hold what names the environment: " + strings.Join(names, ", ") + more
}
