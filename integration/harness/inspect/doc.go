// Package inspect looks at what an image has of the agent: its labels, its
// layers, and its attestations.
package inspect
