// Package faults tests how builds end when the cluster, the way to it or its
// installer misbehaves. hack/test runs it next to all other tests, since most of
// its builds wait.
package faults
