package install

import (
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/org/dt-frontend/internal/agent/variable"
	"github.com/org/dt-frontend/internal/deploy"
)

// formats are what connection prints, by name.
var formats = map[string]func(w io.Writer, name string, info *deploy.ConnectionInfo) error{
	"env":        printEnv,
	"k8s-secret": printKubernetes,
	"cf":         printCloudFoundry,
}

// connection prints the three variables with which an agent reaches its
// environment, so that no container needs an API token. They hold the tenant
// token: what is printed is a secret.
func connection(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("connection", flag.ContinueOnError)
	format := fs.String("format", "env", strings.Join(slices.Sorted(maps.Keys(formats)), ", "))
	name := fs.String("name", "oneagent", "`name` of the Kubernetes secret")
	zone := fs.String("network-zone", "", "network `zone`")
	var envs environments
	envs.register(fs)
	if err := parse(fs, args, stderr); err != nil {
		return err
	}
	show := formats[*format]
	if show == nil || fs.NArg() > 0 {
		fmt.Fprintf(stderr, "usage: dt-install connection [--format %s]\n", strings.Join(slices.Sorted(maps.Keys(formats)), "|"))
		return errUsage
	}
	sets, err := envs.all()
	if err != nil {
		return err
	}
	// That is where the image has its certificates.
	if err := useImageTools(); err != nil {
		return err
	}
	client, err := sets[0].Client()
	if err != nil {
		return redactError(err, sets)
	}
	info, err := client.ConnectionInfo(ctx, *zone, "")
	if err != nil {
		return redactError(err, sets)
	}
	return show(stdout, *name, info)
}

// variables are the agent's own, in a fixed order.
func variables(info *deploy.ConnectionInfo) [][2]string {
	return [][2]string{
		{variable.Tenant, info.Tenant},
		{variable.TenantToken, info.TenantToken},
		{variable.ConnectionPoint, strings.Join(info.Endpoints, ";")},
	}
}

// printEnv is for `docker run --env-file`: values stand as they are.
func printEnv(w io.Writer, _ string, info *deploy.ConnectionInfo) error {
	for _, v := range variables(info) {
		if _, err := fmt.Fprintf(w, "%s=%s\n", v[0], v[1]); err != nil {
			return err
		}
	}
	return nil
}

// printKubernetes is for `kubectl apply -f -`, and envFrom in a pod.
func printKubernetes(w io.Writer, name string, info *deploy.ConnectionInfo) error {
	_, err := fmt.Fprintf(w, "apiVersion: v1\nkind: Secret\nmetadata:\n  name: %s\ntype: Opaque\nstringData:\n%s", strconv.Quote(name), yaml("  ", info))
	return err
}

// printCloudFoundry is a part of an app's manifest.
func printCloudFoundry(w io.Writer, _ string, info *deploy.ConnectionInfo) error {
	_, err := fmt.Fprintf(w, "env:\n%s", yaml("  ", info))
	return err
}

// yaml quotes as JSON does, which YAML understands: a tenant token may look like
// a number. The values are printable.
func yaml(indent string, info *deploy.ConnectionInfo) string {
	var out strings.Builder
	for _, v := range variables(info) {
		fmt.Fprintf(&out, "%s%s: %s\n", indent, v[0], strconv.Quote(v[1]))
	}
	return out.String()
}
