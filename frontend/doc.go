// Package frontend turns a Dockerfile into an instrumented image.
//
// It is BuildKit's own Dockerfile frontend with one step more: what
// dockerfile2llb makes of the Dockerfile is the app, and the agent's layers are
// put onto it. Everything that a Dockerfile can say is therefore BuildKit's
// code, and everything here is about the agent.
//
// The files are read in the order in which a build runs: frontend.go takes a
// request (caps.go, request.go, settings.go) and answers it: with what somebody asks
// about a Dockerfile (requests.go, lint.go), or with a build (run.go). A build settles its options and
// where the agent comes from (plan.go, stage.go), begins to ask for the agent
// (build.go, self.go), and makes an image for each platform (platform.go): the app
// alone, or with the agent on it (instrumented.go, payload.go, skip.go). No two
// files use each other, also not through others; a test keeps that. Options are
// never written to once they are read.
//
// The packages below know nothing of a request or a build. They take what they
// need as parameters.
package frontend
