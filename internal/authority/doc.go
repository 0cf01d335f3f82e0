// Package authority reads the certificates of authorities that an agent is to
// trust: those, and nothing else, may go into an image.
package authority
