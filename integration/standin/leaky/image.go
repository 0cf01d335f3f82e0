package leaky

import (
	"archive/tar"
	"maps"
	"slices"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Image is an image to be written.
type Image struct {
	Name string
	// Leak is the kind of value in it, as dt-verify calls it; empty for none.
	Leak string
	// Part is the part of the image that has it: index, config, layer and so on.
	Part string
	// Place is where in that part: the path of a file or of a member of JSON.
	Place string
	// NeedsValue says that nobody can find it who does not know the value.
	NeedsValue bool
	// Form says how the image is stored.
	Form Form

	platforms   []platform
	annotations map[string]string // of the index
	statement   string            // of an attestation
}

// Form is a way of storing an image.
type Form string

// The forms.
const (
	FormLayout        Form = "layout"
	FormArchive       Form = "archive"
	FormDockerArchive Form = "docker-save"
)

// platform is the image of one.
type platform struct {
	arch   string
	config dockerspec.DockerOCIImage
	layers []layer
	// annotations are the manifest's.
	annotations map[string]string
}

// layer is one, as it is packed.
type layer struct {
	files []File
	zstd  bool
	// behind follows the end of the archive.
	behind string
	// index is set for the form of eStargz.
	index func(*Index)
}

// File is an entry of a layer.
type File struct {
	Name    string
	Content string
	// Target is a symlink's.
	Target string
	Folder bool
	Exec   bool
	// Records are further words of the archive, such as extended attributes.
	Records map[string]string
}

func (f File) header() *tar.Header {
	h := &tar.Header{Name: f.Name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(f.Content)), PAXRecords: f.Records, Format: tar.FormatPAX}
	switch {
	case f.Target != "":
		h.Typeflag, h.Linkname, h.Mode = tar.TypeSymlink, f.Target, 0o777
	case f.Folder:
		h.Typeflag, h.Mode = tar.TypeDir, 0o755
	case f.Exec:
		h.Mode = 0o755
	}
	return h
}

// New returns an image of layers for one platform, with an entrypoint.
func New(name string, entrypoint []string, layers ...[]File) *Image {
	p := app("amd64")
	p.layers = nil
	p.config.Config.Entrypoint = entrypoint
	for _, files := range layers {
		p.layers = append(p.layers, layer{files: files})
	}
	return &Image{Name: name, Form: FormLayout, platforms: []platform{p}}
}

// add puts a layer on top of every platform.
func (i *Image) add(files ...File) *Image {
	for n := range i.platforms {
		i.platforms[n].layers = append(i.platforms[n].layers, layer{files: files})
	}
	return i
}

// replace takes the place of a file in the layers that there are.
func (i *Image) replace(name, content string) *Image {
	for _, p := range i.platforms {
		for n, l := range p.layers {
			p.layers[n].files = slices.Clone(l.files)
			for k, f := range p.layers[n].files {
				if f.Name == name {
					p.layers[n].files[k].Content = content
				}
			}
		}
	}
	return i
}

// each changes every platform.
func (i *Image) each(change func(p *platform)) *Image {
	for n := range i.platforms {
		change(&i.platforms[n])
	}
	return i
}

// Env adds variables.
func (i *Image) Env(vars ...string) *Image {
	return i.each(func(p *platform) { p.config.Config.Env = append(p.config.Config.Env, vars...) })
}

// Label adds a label.
func (i *Image) Label(key, value string) *Image {
	return i.each(func(p *platform) {
		labels := maps.Clone(p.config.Config.Labels)
		labels[key] = value
		p.config.Config.Labels = labels
	})
}

// history adds an entry that stands for no layer.
func (i *Image) history(createdBy string) *Image {
	return i.each(func(p *platform) {
		p.config.History = append(p.config.History, ocispecs.History{CreatedBy: createdBy, EmptyLayer: true})
	})
}

// Volume adds a volume.
func (i *Image) Volume(path string) *Image {
	return i.each(func(p *platform) {
		volumes := maps.Clone(p.config.Config.Volumes)
		if volumes == nil {
			volumes = map[string]struct{}{}
		}
		volumes[path] = struct{}{}
		p.config.Config.Volumes = volumes
	})
}
