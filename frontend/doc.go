// Package frontend turns a Dockerfile into an instrumented image.
//
// It is BuildKit's own Dockerfile frontend with one step more: what
// dockerfile2llb makes of the Dockerfile is the app, and the agent's layers are
// put onto it. Everything that a Dockerfile can say is therefore BuildKit's
// code, and everything here is about the agent.
package frontend
