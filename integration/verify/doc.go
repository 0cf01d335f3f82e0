// Package verify tests that no secret is left in anything that a build leaves, in
// its messages or in the builder, and that dt-verify finds the leaks of others.
package verify
