// Package testenv is what integration tests share of the machine: the daemons
// that hack/test starts, the repository's own files, programs, and set-ups that
// last as long as the test program.
package testenv
