// Package seal encrypts what one build step leaves for the next, with a secret
// that both are given.
//
// A builder keeps the output of every step, and BuildKit exports it with a
// build's cache: an op's ExportCache is heeded only where the step was not run
// in that very build (solver/edge.go: keys of an executed edge carry exporters
// without the override). Sealed, an output says nothing to whoever finds it.
package seal
