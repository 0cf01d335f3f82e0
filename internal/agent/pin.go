package agent

// Pin returns the digest of one of several agents as users write it in the
// options checksum and layer: arm64/musl@sha256:….
func Pin(arch Arch, flavor Flavor, digest string) string {
	return Platform(arch) + "/" + string(flavor) + "@" + digest
}

// Platform returns Docker's name of an architecture.
func Platform(arch Arch) string {
	for name, a := range Architectures {
		if a == arch {
			return name
		}
	}
	return string(arch)
}
