// Package uname says which machine a script runs on: the one that an agent is
// for, where that is another than the builder's.
package uname
