// Package tree turns what an installer leaves into what may go into an image:
// checked against its manifest, free of cluster links, with modes and owners
// that do not depend on who installed it, and scanned.
//
// The installer is foreign code, so nothing in its tree is trusted: every
// access goes through an [os.Root], which no symlink leaves.
package tree
