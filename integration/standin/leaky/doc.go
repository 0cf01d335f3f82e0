// Package leaky makes images that leak, each in another way, and ones that do
// not, for what audits images to be tested on. It makes them by itself, byte by
// byte: builders do not make most of them.
package leaky
