// Package buildpack lets the vendor's own hook for Cloud Foundry's buildpacks
// install an agent from the stand-in cluster: what that cannot use, no real
// client could.
package buildpack
