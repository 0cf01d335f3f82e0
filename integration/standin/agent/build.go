package agent

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// LibraryName is the file name of a preload library.
const LibraryName = "liboneagentproc.so"

// BodyMagic is how the body of a check-in begins that the stand-in sends. The
// fields behind it have a NUL in between: process, its id, the SHA-256 of the
// file with certificates that the agent trusts, and the arguments.
const BodyMagic = "DTSTANDIN1"

const sourceName = "oneagentproc.c"

// unnamed is the version in a library as it is compiled; see [SetVersion].
const unnamed = "0.0.0.19700101-000000 (the stand-in's version goes here)"

// The sources lie in a directory of their own: the go command takes C files next
// to Go files for cgo.
//
//go:embed src
var sources embed.FS

// Neither a build id nor a path may stand in the library: the stand-in's
// installers are the same bytes on each machine with the same compiler. As the
// vendor's library it needs no other one, and looks for more in its own
// directory.
var flags = []string{
	"-O2", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-g0",
	"-ffreestanding", "-nostdlib", "-fno-stack-protector", "-fno-tree-loop-distribute-patterns",
	"-Wl,--build-id=none", "-Wl,-soname," + LibraryName, "-Wl,-Bsymbolic", "-Wl,-z,now", "-Wl,--hash-style=both",
	"-Wl,-rpath,$ORIGIN", "-Wl,--disable-new-dtags",
}

// SetVersion returns a compiled library as the one of an agent's version: it
// names it in what it sends. Whatever is not the stand-in's library stays as it is.
func SetVersion(library []byte, version string) []byte {
	named := make([]byte, len(unnamed))
	copy(named, version)
	return bytes.Replace(library, []byte(unnamed), named, 1)
}

// Build compiles the preload library, which is one for glibc and musl, and
// returns its path. It lies in dir, or,
// where dir is empty, in the user's cache, to be read only. What was compiled
// once is taken from that cache.
func Build(dir string, arch agent.Arch) (string, error) {
	tc, err := toolchainFor(arch)
	if err != nil {
		return "", err
	}
	return build(dir, arch, tc)
}

// BuildForMusl is [Build] for a library that needs musl, as the vendor's does
// not: programs of glibc do not start with it. It is for tests of what happens
// then.
func BuildForMusl(dir string, arch agent.Arch) (string, error) {
	tc, err := toolchainFor(arch)
	if err != nil {
		return "", err
	}
	if tc.needs = muslNames[arch]; tc.needs == "" {
		return "", fmt.Errorf("arch %q has no musl", arch)
	}
	return build(dir, arch, tc)
}

func build(dir string, arch agent.Arch, tc toolchain) (string, error) {
	cached, err := cachePath(tc)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(cached); err != nil {
		if err := compileTo(cached, tc); err != nil {
			return "", fmt.Errorf("compiling the library for %s: %w", arch, err)
		}
	}
	if dir == "" {
		return cached, nil
	}
	data, err := os.ReadFile(cached)
	if err != nil {
		return "", fmt.Errorf("reading the compiled library: %w", err)
	}
	name := filepath.Join(dir, LibraryName)
	if err := os.WriteFile(name, data, 0o755); err != nil {
		return "", fmt.Errorf("copying the compiled library: %w", err)
	}
	return name, nil
}

func cachePath(tc toolchain) (string, error) {
	root, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the cache of compiled libraries: %w", err)
	}
	files, err := sourceFiles()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(h, "%s\x00%d\x00%s", name, len(files[name]), files[name])
	}
	fmt.Fprintf(h, "\x00%s\x00%s\x00%s", tc.cc, tc.needs, strings.Join(flags, "\x00"))
	return filepath.Join(root, "dt-frontend", "agent", hex.EncodeToString(h.Sum(nil)), LibraryName), nil
}

// compileTo makes the library beside its final place and renames it, since
// test binaries of several packages may compile at the same time.
func compileTo(library string, tc toolchain) error {
	if err := os.MkdirAll(filepath.Dir(library), 0o755); err != nil {
		return fmt.Errorf("making the cache: %w", err)
	}
	work, err := os.MkdirTemp(filepath.Dir(library), "build-")
	if err != nil {
		return fmt.Errorf("making a work folder: %w", err)
	}
	defer os.RemoveAll(work)
	files, err := sourceFiles()
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(work, name), text, 0o644); err != nil {
			return fmt.Errorf("writing the source: %w", err)
		}
	}
	args := append(slices.Clone(flags), "-o", LibraryName, sourceName)
	if tc.needs != "" {
		if err := stub(work, tc); err != nil {
			return err
		}
		// No symbol is taken from the stub, so the linker must be told to name it.
		args = append(args, "-Wl,--no-as-needed", tc.needs)
	}
	if err := compile(work, tc, args...); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(work, LibraryName), library); err != nil {
		return fmt.Errorf("keeping the library: %w", err)
	}
	return nil
}

// stub makes an empty library with the C library's name to link against.
func stub(work string, tc toolchain) error {
	if err := os.WriteFile(filepath.Join(work, "libc.c"), nil, 0o644); err != nil {
		return fmt.Errorf("writing the C library's stub: %w", err)
	}
	return compile(work, tc, "-shared", "-nostdlib", "-Wl,-soname,"+tc.needs, "-o", tc.needs, "libc.c")
}

// sourceFiles are the C files by their names.
func sourceFiles() (map[string][]byte, error) {
	entries, err := sources.ReadDir("src")
	if err != nil {
		return nil, fmt.Errorf("listing the source: %w", err)
	}
	files := map[string][]byte{}
	for _, entry := range entries {
		text, err := sources.ReadFile(path.Join("src", entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("reading the source: %w", err)
		}
		files[entry.Name()] = text
	}
	return files, nil
}

func compile(work string, tc toolchain, args ...string) error {
	cmd := exec.Command(tc.cc, args...)
	cmd.Dir = work
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("running %s: %w\n%s", tc.cc, err, out)
	}
	return nil
}
