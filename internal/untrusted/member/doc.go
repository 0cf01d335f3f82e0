// Package member looks one level deep into files that are archives or
// compressed, whatever they are called: gzip, bzip2, zlib, zip and tar, a tar
// that is compressed, and scripts that extract themselves. Callers may add
// formats, and look into members again.
package member
