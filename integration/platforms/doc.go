// Package platforms tests which agent an image gets: for each processor, C library
// and technology, and where there is no agent for it.
package platforms
