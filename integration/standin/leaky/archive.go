package leaky

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	digest "github.com/opencontainers/go-digest"
)

// pack makes an archive of a folder.
func pack(dir, name string) error {
	return archive(name, func(t *tar.Writer) error { return t.AddFS(os.DirFS(dir)) })
}

// writeDocker writes an archive as docker save did before it knew OCI's form.
func (i *Image) writeDocker(name string) error {
	p := i.platforms[0]
	config := p.config
	config.RootFS.Type = "layers"
	var names []string
	var all [][]byte
	for n, l := range p.layers {
		dt, err := l.tar()
		if err != nil {
			return err
		}
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, digest.FromBytes(dt))
		names = append(names, fmt.Sprintf("%d/layer.tar", n))
		all = append(all, dt)
	}
	dt, err := json.Marshal(config)
	if err != nil {
		return err
	}
	configName := digest.FromBytes(dt).Encoded() + ".json"
	manifest, err := json.Marshal([]map[string]any{{"Config": configName, "RepoTags": []string{"app:latest"}, "Layers": names}})
	if err != nil {
		return err
	}
	return archive(name, func(t *tar.Writer) error {
		for n, name := range names {
			if err := put(t, name, all[n]); err != nil {
				return err
			}
		}
		return errors.Join(put(t, configName, dt), put(t, "manifest.json", manifest))
	})
}

func archive(name string, fill func(t *tar.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	t := tar.NewWriter(f)
	return errors.Join(fill(t), t.Close())
}

func put(t *tar.Writer, name string, dt []byte) error {
	if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(dt))}); err != nil {
		return err
	}
	_, err := t.Write(dt)
	return err
}
