package install

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/org/dt-frontend/internal/install/supply"
)

// lockOptions are what lock is asked for.
type lockOptions struct {
	envs      environments
	platforms []string
	flavors   []string
	include   agent.Technologies
	version   string
	archive   bool
}

// lock prints the directive that pins an agent, for every platform and flavor
// that is asked for.
func lock(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o lockOptions
	var installer string
	fs := flag.NewFlagSet("lock", flag.ContinueOnError)
	o.envs.register(fs)
	list := func(to *[]string) func(string) error {
		return func(v string) error { *to = append(*to, strings.Split(v, ",")...); return nil }
	}
	fs.Func("platform", "`platforms`, as linux/amd64,linux/arm64; default: linux/amd64", list(&o.platforms))
	fs.Func("flavor", "`flavors`: default, musl, multidistro; default: default", list(&o.flavors))
	var include []string
	fs.Func("include", "`technologies`; default: all", func(v string) (err error) {
		include = append(include, v)
		o.include, err = agent.ParseTechnologies(agent.JoinTechnologies(include))
		return err
	})
	fs.StringVar(&o.version, "version", "", "an exact `version`; default: the environment's target version, of several environments the newest that all have")
	fs.StringVar(&installer, "installer", "paas-sh", "`kind` of installer: paas-sh or paas")
	if err := parse(fs, args, stderr); err != nil {
		return err
	}
	o.archive = installer == "paas"
	if fs.NArg() > 0 || !o.archive && installer != "paas-sh" {
		fmt.Fprintln(stderr, "usage: dt-install lock [--platform …] [--flavor …] [--include …] [--version …] [--installer paas-sh|paas] [--secrets DIR]…")
		return errUsage
	}
	sets, err := o.envs.all()
	if err != nil {
		return err
	}
	if err := useImageTools(); err != nil {
		return err
	}
	return redactError(o.lock(ctx, sets, stdout, stderr), sets)
}

func (o *lockOptions) lock(ctx context.Context, sets []secret.Set, stdout, stderr io.Writer) error {
	specs, err := o.specs()
	if err != nil {
		return err
	}
	version, err := commonVersion(ctx, sets, specs, o.version)
	if err != nil {
		return err
	}
	checksums, layers := pins{}, pins{}
	for _, spec := range specs {
		fmt.Fprintf(stderr, "OneAgent %s (%s, %s, %s):\n", version, spec.Flavor, spec.Arch, spec.Include)
		installed, err := rehearse(ctx, sets[0], spec, version, stderr)
		if err != nil {
			return err
		}
		if spec.Archive {
			fmt.Fprintln(stderr, "the installer's digest is", installed.Cluster)
		}
		checksums.add(spec, "sha256:"+installed.Installer)
		layers.add(spec, installed.DiffID)
	}
	return o.print(stdout, stderr, version, checksums, layers)
}

// print writes both pinned forms of the directive, the one that is verified
// before anything runs first.
func (o *lockOptions) print(stdout, stderr io.Writer, version string, checksums, layers pins) error {
	directive := "# dynatrace=version=" + version
	if !o.include.All() {
		directive += ";include=" + o.include.String()
	}
	if o.archive {
		directive += ";installer=paas"
	}
	fmt.Fprintln(stderr, "pinned by the installer, which is compared before anything of it runs, and by the agent layer, which is the same even if the installer's bytes are not:")
	_, err := fmt.Fprintf(stdout, "%s;checksum=%s\n%s;layer=%s\n", directive, checksums, directive, layers)
	return err
}

// specs are all that is asked for, each once.
func (o *lockOptions) specs() ([]agent.Spec, error) {
	platforms, flavors := o.platforms, o.flavors
	if len(platforms) == 0 {
		platforms = []string{"linux/amd64"}
	}
	if len(flavors) == 0 {
		flavors = []string{string(agent.FlavorDefault)}
	}
	var out specList
	for _, p := range platforms {
		arch := agent.ArchOf(strings.TrimPrefix(p, "linux/"))
		if arch == "" {
			return nil, fmt.Errorf("there is no OneAgent for platform %q: expected linux/amd64, linux/arm64, linux/ppc64le or linux/s390x", p)
		}
		for _, f := range flavors {
			flavor, ok := agent.ParseFlavor(f)
			if !ok {
				return nil, fmt.Errorf("unknown flavor %q: expected default, musl or multidistro", f)
			}
			out.add(agent.Spec{Arch: arch, Flavor: flavor, Include: o.include, Archive: o.archive})
		}
	}
	return out, nil
}

// pins are digests as users write them.
type pins struct{ list []string }

func (p *pins) add(spec agent.Spec, digest string) {
	p.list = append(p.list, agent.Pin(spec.Arch, spec.Flavor, digest))
}

// String needs no agent's name where there is one alone.
func (p pins) String() string {
	if len(p.list) == 1 {
		_, digest, _ := strings.Cut(p.list[0], "@")
		return digest
	}
	return strings.Join(p.list, ",")
}

// commonVersion returns the version to pin: that which is asked for, the target
// version of a single environment, or the newest that all of them have for all
// specs.
func commonVersion(ctx context.Context, sets []secret.Set, specs []agent.Spec, want string) (string, error) {
	var common []string
	for i, s := range sets {
		client, err := s.Client()
		if err != nil {
			return "", err
		}
		for j, spec := range specs {
			if want == "" && len(sets) == 1 {
				return client.LatestVersion(ctx, spec.Flavor, spec.Arch)
			}
			versions, err := client.Versions(ctx, spec.Flavor, spec.Arch)
			if err != nil {
				return "", err
			}
			if i == 0 && j == 0 {
				common = versions
			}
			common = slices.DeleteFunc(common, func(v string) bool { return !slices.Contains(versions, v) })
		}
	}
	switch {
	case len(common) == 0:
		return "", errors.New("there is no version of OneAgent that all environments have for all platforms and flavors")
	case want == "":
		return slices.MaxFunc(common, supply.Compare), nil
	case !slices.Contains(common, want):
		return "", fmt.Errorf("not every environment has version %s for all platforms and flavors; the nearest that all have are %s",
			want, strings.Join(supply.Nearest(common, want, 3), ", "))
	}
	return want, nil
}
