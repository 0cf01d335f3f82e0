package install

import (
	"flag"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// step is what the steps for one agent are told. Each registers the flags that
// it reads, and no others.
type step struct {
	spec     agent.Spec
	out      string
	resolved string
	secrets  string
}

// register adds the flags of every step to fs.
func (s *step) register(fs *flag.FlagSet) {
	fs.StringVar((*string)(&s.spec.Arch), "arch", "", "`architecture` as the Deployment API calls it")
	fs.StringVar((*string)(&s.spec.Flavor), "flavor", "", "default, musl or multidistro")
	fs.StringVar(&s.out, "out", "/out", "`folder` for what the step leaves")
}

// registerInstaller adds the flags of the steps that handle an installer.
func (s *step) registerInstaller(fs *flag.FlagSet) {
	fs.Func("include", "`technologies`, separated by commas", func(v string) (err error) {
		s.spec.Include, err = agent.ParseTechnologies(v)
		return err
	})
	fs.BoolVar(&s.spec.Archive, "archive", false, "the zip archive instead of the script")
	fs.StringVar(&s.resolved, "resolved", "", "agent.json, the answer of the resolve step")
	fs.StringVar(&s.secrets, "secrets", agent.SecretsDir, "`folder` of secrets, a file each")
}

// registerFIPS adds the flag of the steps that clean an agent.
func (s *step) registerFIPS(fs *flag.FlagSet) {
	fs.BoolVar(&s.spec.FIPS, "fips", false, "install for FIPS mode")
}

// answer returns what the cluster answered for this agent.
func (s *step) answer() (agent.Resolved, error) {
	var r agent.Resolved
	err := readJSON(s.resolved, &r)
	return r, err
}

// specList is a repeated flag of the form that [agent.Spec.Query] returns.
type specList []agent.Spec

var _ flag.Value = &specList{}

// String returns the list as it was given.
func (l *specList) String() string {
	var out []string
	for _, s := range *l {
		out = append(out, s.Query())
	}
	return strings.Join(out, " ")
}

// Set adds an agent.
func (l *specList) Set(v string) error {
	s, err := agent.ParseQuery(v)
	if err != nil {
		return err
	}
	l.add(s)
	return nil
}

// add adds an agent, unless it is there.
func (l *specList) add(s agent.Spec) {
	if !slices.ContainsFunc(*l, func(o agent.Spec) bool { return o.Key() == s.Key() }) {
		*l = append(*l, s)
	}
}
