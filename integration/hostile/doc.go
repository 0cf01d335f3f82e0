// Package hostile tests what somebody who shares the builder, the environment or
// the way to the cluster can do to others' builds, and what an installer can do to
// its own.
package hostile
