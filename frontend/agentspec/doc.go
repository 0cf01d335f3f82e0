// Package agentspec says which agent a build needs for a platform, and compares
// an agent with what its user has pinned.
package agentspec
