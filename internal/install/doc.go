// Package install is the program dt-install: the commands of the build steps that
// bring an agent into an image, and those for people. Resolve asks the cluster
// what there is, download fetches it, and install runs the installer and cleans
// what it leaves. Where the agent comes from elsewhere import, check and trust
// take their place. For people there are lock and connection; see
// docs/dt-install.md.
package install
