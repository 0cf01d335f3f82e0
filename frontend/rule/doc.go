// Package rule checks a Dockerfile for what concerns the agent, as rules of
// BuildKit's own linter.
package rule
