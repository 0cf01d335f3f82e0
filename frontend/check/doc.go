// Package check judges an app before it gets an agent: its Dockerfile, its steps,
// its config and its files. What is dangerous it refuses; of the rest it warns.
package check
