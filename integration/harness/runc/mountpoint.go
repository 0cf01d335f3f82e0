package runc

import (
	"os"
	"path/filepath"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// makeMountpoints makes the empty files that others are mounted over. The
// runtime does so, too, but fails where two containers that share a root file
// system do it at the same time. What cannot be made here is left to it.
func makeMountpoints(rootfs string, mounts []specs.Mount) {
	root, err := os.OpenRoot(rootfs)
	if err != nil {
		return
	}
	defer root.Close()
	for _, m := range mounts {
		st, err := os.Stat(m.Source)
		if m.Type != "bind" || err != nil || st.IsDir() {
			continue
		}
		name, err := filepath.Rel("/", m.Destination)
		if err != nil || root.MkdirAll(filepath.Dir(name), 0o755) != nil {
			continue
		}
		if f, err := root.OpenFile(name, os.O_CREATE|os.O_RDONLY, 0o644); err == nil {
			_ = f.Close()
		}
	}
}
