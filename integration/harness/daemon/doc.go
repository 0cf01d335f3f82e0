// Package daemon starts buildkitd for a test that needs one of its own: with an
// empty cache, a log to read, a folder to search, or a life to end.
package daemon
