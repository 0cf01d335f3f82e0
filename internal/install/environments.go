package install

import (
	"errors"
	"flag"
	"os"

	"github.com/org/dt-frontend/internal/agent/variable"
	"github.com/org/dt-frontend/internal/install/secret"
)

// credentials names what it takes to ask a cluster.
const credentials = variable.APIURL + ", " + variable.APIToken + " and " + variable.Tenant

// environments is a repeated flag: folders of secrets, each of one environment.
// Without any, the process's own environment has them.
type environments struct{ sets []secret.Set }

func (e *environments) register(fs *flag.FlagSet) {
	fs.Func("secrets", "`folder` of secrets, a file each, of one environment; repeatable. Otherwise they are taken from the variables "+credentials+", or from files that "+variable.APIToken+variable.FileSuffix+" and so on name", func(dir string) error {
		s, err := secret.Load(dir)
		if err != nil {
			return err
		}
		if s.IsEmpty() {
			return errors.New("it holds none of " + credentials)
		}
		e.sets = append(e.sets, s)
		return nil
	})
}

// all returns the environments, at least one.
func (e *environments) all() ([]secret.Set, error) {
	if len(e.sets) > 0 {
		return e.sets, nil
	}
	s, err := secret.FromEnvironment(os.Getenv)
	return []secret.Set{s}, err
}

// redactError returns err without the value of any secret.
func redactError(err error, sets []secret.Set) error {
	if err == nil {
		return nil
	}
	return errors.New(secret.NewRedactor(sets...).Line(err.Error()))
}
