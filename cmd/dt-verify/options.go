package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/containerd/platforms"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/internal/scan"
)

const usage = `usage: dt-verify [FLAGS] IMAGE

Audits a container image, whoever built it: does it carry Dynatrace OneAgent,
and is there anything in it that ties it to an environment?

IMAGE is one of
  debian:12, ghcr.io/org/app@sha256:…   an image in a registry, with the
                                        credentials of the docker command
  oci-layout://DIR[:TAG][@DIGEST]       an OCI layout
  image.tar                             an archive in OCI's form, or of docker
                                        save; compressed or not
  ./rootfs                              a folder
A file or folder that exists is taken before a registry's image of that name;
docker-image://NAME is always a registry's.

What to look for, beside what is a leak by itself:
  --secret-file ID=FILE   the value in a file, as in DT_API_TOKEN=./token; may
                          be given many times
  --secret-file FILE      many values, as lines of ID=VALUE
  --secret-env ID[,ID…]   the values of environment variables
A value is never an argument, which other users of the machine could read.

What to look at:
  --platform LIST         only these platforms of an index, as in
                          linux/amd64,linux/arm64
  --agent-layer DIGEST    fail unless the agent in the image is exactly the
                          layer with this diff ID; many for many platforms
  --agent-ca DIGEST       with that, the certificates of DT_AGENT_CA that it may
                          trust, as the label com.dynatrace.oneagent.ca says

How to report:
  --format table          for people (the default); or json, or sarif
  --version, --help

Exit code: 0 clean and instrumented, 1 a leak, another agent layer, or an image
that diverts tokens, 2 not instrumented, 3 could not be read. docs/dt-verify.md
says what is a leak.
`

// Formats of a report.
const (
	formatTable = "table"
	formatJSON  = "json"
	formatSARIF = "sarif"
)

// options are what the command line asks for.
type options struct {
	image       string
	format      string
	version     bool
	platforms   []ocispecs.Platform
	agentLayers []digest.Digest
	agentCAs    []digest.Digest
	values      []scan.Value
}

// parse reads the command line. Flags may stand behind the image.
func parse(args []string, getenv func(string) string) (*options, error) {
	o := &options{}
	fs := flag.NewFlagSet("dt-verify", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&o.format, "format", formatTable, "")
	fs.BoolVar(&o.version, "version", false, "")
	var wrong error
	list := func(name string, add func(string) error) {
		fs.Func(name, "", func(arg string) error {
			// The package flag would show what was given, which may be a value
			// by mistake.
			if err := add(arg); err != nil && wrong == nil {
				wrong = fmt.Errorf("--%s: %w", name, err)
			}
			return nil
		})
	}
	list("platform", o.addPlatforms)
	list("agent-layer", digests(&o.agentLayers))
	list("agent-ca", digests(&o.agentCAs))
	list("secret-file", o.addSecretFile)
	list("secret-env", func(names string) error { return o.addSecretEnv(names, getenv) })
	images, err := positional(fs, args)
	switch {
	case err != nil:
		return nil, err
	case o.version:
		return o, nil
	case wrong != nil:
		return nil, wrong
	case len(images) != 1:
		return nil, fmt.Errorf("one image is looked at, and %d are given", len(images))
	case !slices.Contains([]string{formatTable, formatJSON, formatSARIF}, o.format):
		return nil, fmt.Errorf("there is no format %q: give table, json or sarif", o.format)
	}
	o.image = images[0]
	return o, nil
}

// positional returns the arguments that are no flags.
func positional(fs *flag.FlagSet, args []string) ([]string, error) {
	var out []string
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		if args = fs.Args(); len(args) == 0 {
			return out, nil
		}
		out, args = append(out, args[0]), args[1:]
	}
}

func (o *options) addPlatforms(list string) error {
	for p := range strings.SplitSeq(list, ",") {
		spec, err := platforms.Parse(strings.TrimSpace(p))
		if err != nil {
			return err
		}
		o.platforms = append(o.platforms, spec)
	}
	return nil
}

// digests adds what is given to list.
func digests(list *[]digest.Digest) func(string) error {
	return func(s string) error {
		d, err := digest.Parse(s)
		if err != nil {
			return errors.New("it is no digest, as in sha256:…")
		}
		*list = append(*list, d)
		return nil
	}
}

// version is that of the module that was built.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
