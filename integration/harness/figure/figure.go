// Package figure prints what tests measure, for people: machines are too noisy to
// assert on it. hack/test shows these lines.
package figure

import "fmt"

// Print prints a measured value as a line of its own.
func Print(format string, args ...any) {
	fmt.Printf("figure: "+format+"\n", args...)
}
