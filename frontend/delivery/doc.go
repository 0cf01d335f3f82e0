// Package delivery brings an agent into a build: by steps that ask the cluster,
// or out of a build context.
package delivery
