// Package provision puts an agent into a container that starts: it finds a
// folder that nobody else can have prepared, downloads an installer into it,
// checks what it leaves, and moves that into place when it is whole.
package provision
