// Package oci reads images and cache exports that BuildKit wrote as an OCI
// layout, whether a directory or a tar archive of one.
package oci
