package agent

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// LibraryName is the file name of a preload library.
const LibraryName = "liboneagentproc.so"

const sourceName = "oneagentproc.c"

// The source lies in a folder of its own: the go command takes a C file beside
// Go files for cgo.
//
//go:embed src/oneagentproc.c
var source []byte

// Neither a build id nor a path may stand in the library: the stand-in's
// installers are the same bytes on each machine with the same compiler.
var flags = []string{
	"-O2", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-g0",
	"-Wl,--build-id=none", "-Wl,-soname," + LibraryName,
}

// Build compiles the preload library and returns its path. It lies in dir, or,
// where dir is empty, in the user's cache, to be read only. What was compiled
// once is taken from that cache.
func Build(dir string, arch agent.Arch, flavor agent.Flavor) (string, error) {
	tc, err := toolchainFor(arch, flavor)
	if err != nil {
		return "", err
	}
	cached, err := cachePath(tc)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(cached); err != nil {
		if err := compileTo(cached, tc); err != nil {
			return "", fmt.Errorf("compiling the library for %s, %s: %w", arch, flavor, err)
		}
	}
	if dir == "" {
		return cached, nil
	}
	data, err := os.ReadFile(cached)
	if err != nil {
		return "", fmt.Errorf("reading the compiled library: %w", err)
	}
	path := filepath.Join(dir, LibraryName)
	if err := os.WriteFile(path, data, 0o755); err != nil {
		return "", fmt.Errorf("copying the compiled library: %w", err)
	}
	return path, nil
}

func cachePath(tc toolchain) (string, error) {
	root, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the cache of compiled libraries: %w", err)
	}
	h := sha256.New()
	h.Write(source)
	fmt.Fprintf(h, "\x00%s\x00%s\x00%s", tc.cc, tc.libc, strings.Join(flags, "\x00"))
	return filepath.Join(root, "dt-frontend", "agent", hex.EncodeToString(h.Sum(nil)), LibraryName), nil
}

// compileTo makes the library beside its final place and renames it, since
// test binaries of several packages may compile at the same time.
func compileTo(path string, tc toolchain) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("making the cache: %w", err)
	}
	work, err := os.MkdirTemp(filepath.Dir(path), "build-")
	if err != nil {
		return fmt.Errorf("making a work folder: %w", err)
	}
	defer os.RemoveAll(work)
	if err := os.WriteFile(filepath.Join(work, sourceName), source, 0o644); err != nil {
		return fmt.Errorf("writing the source: %w", err)
	}
	args := append([]string{}, flags...)
	args = append(args, "-o", LibraryName, sourceName)
	if tc.libc != "" {
		if err := stubLibc(work, tc); err != nil {
			return err
		}
		// No symbol is taken from the stub, so the linker must be told to name it.
		args = append(args, "-nostdlib", "-Wl,--no-as-needed", tc.libc)
	}
	if err := compile(work, tc, args...); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(work, LibraryName), path); err != nil {
		return fmt.Errorf("keeping the library: %w", err)
	}
	return nil
}

// stubLibc makes an empty library with the C library's name to link against.
// Only its name gets into what is linked with it.
func stubLibc(work string, tc toolchain) error {
	if err := os.WriteFile(filepath.Join(work, "libc.c"), nil, 0o644); err != nil {
		return fmt.Errorf("writing the C library's stub: %w", err)
	}
	return compile(work, tc, "-shared", "-nostdlib", "-Wl,-soname,"+tc.libc, "-o", tc.libc, "libc.c")
}

func compile(work string, tc toolchain, args ...string) error {
	cmd := exec.Command(tc.cc, args...)
	cmd.Dir = work
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("running %s: %w\n%s", tc.cc, err, out)
	}
	return nil
}
