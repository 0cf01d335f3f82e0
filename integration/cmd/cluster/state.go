package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/org/dt-frontend/integration/standin/cluster"
)

// infoName is written last and removed first: while it is there the cluster
// can be reached.
const infoName = "cluster.json"

// info is what scripts need to know of a running cluster.
type info struct {
	Addr string `json:"addr"`
	PID  int    `json:"pid"`
}

// writeState leaves what a build needs as secrets, one file each.
func writeState(dir string, server *cluster.Server, env *cluster.Environment) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the state folder: %w", err)
	}
	document, err := json.Marshal(info{strings.TrimPrefix(server.URL(), "http://"), os.Getpid()})
	if err != nil {
		return fmt.Errorf("describing the cluster: %w", err)
	}
	for _, f := range []struct{ name, content string }{
		{"DT_API_URL", env.APIURL()},
		{"DT_API_TOKEN", env.APIToken()},
		{"DT_TENANT", env.ID()},
		{infoName, string(document) + "\n"},
	} {
		if err := replace(filepath.Join(dir, f.name), f.content); err != nil {
			return fmt.Errorf("writing the state: %w", err)
		}
	}
	return nil
}

// replace writes a file that nobody sees half-written, or with the mode of one
// that was there.
func replace(path, content string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-") // made with mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	if _, err := f.WriteString(content); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// removeState takes the secrets of a cluster away that is no more.
func removeState(dir string) {
	for _, name := range []string{infoName, "DT_API_URL", "DT_API_TOKEN", "DT_TENANT"} {
		_ = os.Remove(filepath.Join(dir, name))
	}
}
