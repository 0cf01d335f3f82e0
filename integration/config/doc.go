// Package config tests how people configure the agent: options and where they are
// set, the questions that a frontend answers about them, and the agent's own
// configuration.
package config
