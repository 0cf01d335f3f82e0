// Package task runs work in parallel with its caller, and turns a panic of the
// work into an error.
package task
