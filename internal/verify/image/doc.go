// Package image opens container images for reading, wherever they lie: in a
// registry, an OCI layout, an archive or a plain folder. It gives every document
// and layer of every platform, checked against its digest, and keeps nothing of
// what is large.
package image
