package agent

// Pin returns the digest of one of several agents as users write it in the
// options checksum and layer: arm64/musl@sha256:….
func Pin(arch Arch, flavor Flavor, digest string) string {
	return arch.Platform() + "/" + string(flavor) + "@" + digest
}
