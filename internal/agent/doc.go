// Package agent holds what every part of the product must agree on: where the
// agent lies in an image, how flavors and architectures are called, and the
// documents that one build step leaves for the next.
//
// It links the standard library alone, since dt-start carries it into images.
package agent
