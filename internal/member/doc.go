// Package member looks one level deep into files that are archives or
// compressed, whatever they are called: gzip, bzip2, zlib, zip and tar, and a
// tar that is compressed.
package member
