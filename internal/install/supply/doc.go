// Package supply is the part of a build that talks to the cluster: it resolves
// what there is to download, and downloads it.
package supply
