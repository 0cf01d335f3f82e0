// Package download fetches an agent's installer from a cluster, whole and of
// the right form, and says how far it is.
package download
