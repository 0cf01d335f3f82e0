// Package verify audits images: whether they carry a OneAgent and how it is
// started, and whether anything in them ties them to an environment.
package verify
