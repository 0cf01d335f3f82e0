// Package manifest reads an agent's own account of itself, manifest.json: its
// version, what it can monitor, and what its files have to hold.
//
// It comes from the same source as the files do, so it shows damage and no
// malice.
package manifest
