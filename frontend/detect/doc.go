// Package detect tells from an image's files what the image is. It looks and
// never runs anything: the image may be made for another processor.
package detect
