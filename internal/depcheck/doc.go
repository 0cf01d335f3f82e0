// Package depcheck keeps the arrows between packages pointing one way.
package depcheck
