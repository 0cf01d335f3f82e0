// Package build tests what a build makes of an app: its entrypoint, its config and
// its files stay as they are, wherever the app comes from. It also tests what a
// build reports: progress, errors, history and attestations.
package build
