// Package authority is the only reader of certificates that people give: those
// that a program of ours trusts, and those of authorities that an agent is to
// trust, which are all that may go into an image.
package authority
