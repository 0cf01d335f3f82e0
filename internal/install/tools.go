package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// tools is where the frontend's image has the root file system of build steps.
const tools = "/tools"

// useImageTools puts in place what the image itself lacks where people run this
// command out of it: certificates, a shell and tools for the vendor's script,
// and a folder to work in. Elsewhere it does nothing.
func useImageTools() error {
	if _, err := os.Stat(tools + "/bin/sh"); err != nil {
		return nil //nolint:nilerr // another system has its own
	}
	if _, err := os.Stat("/bin/sh"); err == nil {
		return nil
	}
	if err := linkTools("/"); err != nil {
		return fmt.Errorf("preparing the image's tools: %w; run it with a root file system that can be written to", err)
	}
	if err := os.MkdirAll(os.TempDir(), 0o777); err != nil {
		return fmt.Errorf("making a folder to work in: %w", err)
	}
	const certificates = "/etc/ssl/certs/ca-certificates.crt"
	if _, err := os.Stat(certificates); err == nil || os.Getenv("SSL_CERT_FILE") != "" {
		return nil
	}
	return os.Setenv("SSL_CERT_FILE", tools+certificates)
}

// linkTools leads root's folders of programs to the tools. An organisation's own
// frontend image may have a /usr, where few scripts look for a program.
func linkTools(root string) error {
	for _, name := range []string{"bin", "usr"} {
		err := os.Symlink(tools+"/"+name, filepath.Join(root, name))
		if err != nil && (name == "bin" || !errors.Is(err, fs.ErrExist)) {
			return err
		}
	}
	return nil
}
