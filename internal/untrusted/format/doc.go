// Package format reads archives and compressed files of formats that the
// standard library does not read, and recognises others that it does not read
// either.
package format
