// Package app holds what the Dockerfile builds, onto which the agent is put.
package app
