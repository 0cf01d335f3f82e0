// Package buildx builds images with the client that people use, from Dockerfiles
// that a test holds as text.
package buildx
