// Package moduleconfig merges an environment's process-module configuration
// into the agent's own.
package moduleconfig
