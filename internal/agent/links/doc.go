// Package links knows where an agent keeps what ties it to a cluster: which of
// its files, and which lines and members of them. The build removes these, and
// the audit of an image looks for them; both by the same tables.
//
// Source: the vendor's documentation, buildpacks and operator, as collected in
// docs/links.md.
package links
