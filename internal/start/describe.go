package start

import (
	"strings"

	"github.com/org/dt-frontend/internal/agent/variable"
)

// Variables that tell the environment how an app was instrumented.
const (
	varMetadata   = variable.DeploymentMetadata
	varProperties = variable.CustomProperties
)

// describe appends the name and the version of dt-start to what the user says of
// the deployment, as the vendor's operator (orchestration_tech, script_version)
// and buildpacks (CloudFoundryBuildpackVersion, CloudNativeBuildpackVersion) do.
// Values of the environment can take part in the detection of process groups, so
// nothing is added that differs between two containers of an image. A key that
// the user gives stays as it is.
func (p *planner) describe() {
	if p.in.Version == "" {
		return
	}
	for _, list := range []struct {
		name, separator string
		pairs           [][2]string
	}{
		{varMetadata, ";", [][2]string{{"orchestration_tech", "dt-start"}, {"script_version", p.in.Version}}},
		{varProperties, " ", [][2]string{{"DtStartVersion", p.in.Version}}},
	} {
		v := p.env.get(list.name)
		for _, pair := range list.pairs {
			v = appendPair(v, list.separator, pair[0], pair[1])
		}
		p.env.set(list.name, v)
	}
}

// appendPair appends key=value to a list that does not have the key.
func appendPair(list, separator, key, v string) string {
	for one := range strings.SplitSeq(list, separator) {
		if name, _, _ := strings.Cut(strings.TrimSpace(one), "="); name == key {
			return list
		}
	}
	if strings.TrimSpace(list) == "" {
		return key + "=" + v
	}
	return strings.TrimRight(list, separator) + separator + key + "=" + v
}
