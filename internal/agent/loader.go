package agent

// Gcompat lets musl run programs made for glibc. It brings a loader of glibc's
// name, with which an agent for glibc cannot live.
const Gcompat = "/lib/libgcompat.so.0"

// Loaders returns the paths of the dynamic loaders of an architecture, which
// are part of each C library's ABI. They are empty for an unknown one.
func Loaders(a Arch) (glibc, musl string) {
	switch a {
	case ArchX86:
		return "/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1"
	case ArchARM:
		return "/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-aarch64.so.1"
	case ArchPPCLE:
		return "/lib64/ld64.so.2", "/lib/ld-musl-powerpc64le.so.1"
	case ArchS390:
		return "/lib/ld64.so.1", "/lib/ld-musl-s390x.so.1"
	}
	return "", ""
}
