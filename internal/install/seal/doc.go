// Package seal encrypts what one build step leaves for the next, with a secret
// that both are given.
//
// A builder keeps the output of every step, and BuildKit exports it with a
// build's cache: an op's ExportCache is heeded only where the step was not run
// in that very build (solver/edge.go: keys of an executed edge carry exporters
// without the override). Sealed, an output says nothing to whoever finds it.
//
// A sealed output is a file of age, https://age-encryption.org/v1, with the secret
// as its passphrase: nothing about the format is ours, and "age --decrypt" opens
// it. What BuildKit keys a step by has to be the same whenever the same is sealed,
// which age cannot do: see [Stable].
package seal
