// Package operator lets the vendor's client of the Kubernetes operator ask the
// stand-in cluster for all that it asks a real one for.
package operator
