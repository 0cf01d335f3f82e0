package cluster

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// The documented values of path and query parameters.
var (
	osTypes    = []string{"windows", "unix", "aix", "solaris", "zos"}
	installers = []string{"default", "default-unattended", "mainframe", string(TypePaaS), string(TypePaaSScript)}
	flavors    = []string{"default", "musl", "multidistro"}
	arches     = []string{"all", "x86", "ppc", "ppcle", "sparc", "arm", "s390"}
	bitnesses  = []string{"32", "64", "all"}
	booleans   = []string{"true", "false"}

	versionFormat = regexp.MustCompile(`^1\.\d+\.\d+\.\d{8}-\d{6}$`)
	zoneFormat    = regexp.MustCompile(`^[A-Za-z0-9._-]{1,256}$`)
)

// checker gathers all violations of a request, as the API reports them.
type checker struct {
	violations []violation
}

func (c *checker) add(location, path, message string) {
	c.violations = append(c.violations, violation{Path: path, Message: message, ParameterLocation: location})
}

func (c *checker) oneOf(location, path, value string, known []string) {
	if !slices.Contains(known, value) {
		c.add(location, path, "must be one of "+strings.Join(known, ", "))
	}
}

// query checks a query parameter that may be missing.
func (c *checker) query(values url.Values, path, missing string, known []string) string {
	if !values.Has(path) {
		return missing
	}
	c.oneOf("QUERY", path, values.Get(path), known)
	return values.Get(path)
}

func (c *checker) err() *apiError {
	if len(c.violations) == 0 {
		return nil
	}
	return &apiError{Code: http.StatusBadRequest, Message: invalid, Violations: c.violations}
}

// parseQuery checks what the endpoints of installers take. A parameter that the
// documentation does not know is ignored, as a real cluster does.
func (e *Environment) parseQuery(to route, values url.Values) (Spec, *apiError) {
	var c checker
	c.oneOf("PATH", "osType", to.osType, osTypes)
	c.oneOf("PATH", "installerType", to.installer, installers)
	if to.version != "" && !versionFormat.MatchString(to.version) {
		c.add("PATH", "version", "must be of the form 1.155.275.20181112-084458")
	}
	s := Spec{Version: to.version, Type: InstallerType(to.installer)}
	s.Flavor = agent.Flavor(c.query(values, "flavor", "default", flavors))
	s.Arch = agent.Arch(c.query(values, "arch", "all", arches))
	s.Bitness = c.query(values, "bitness", "all", bitnesses)
	s.SkipMetadata = c.query(values, "skipMetadata", "false", booleans) == "true"
	s.NetworkZone = e.checkZone(&c, values)
	s.Include = values["include"]
	for _, name := range s.Include {
		if name != "all" && name != "process" { // the latter is undocumented, and what buildpacks send
			c.oneOf("QUERY", "include", name, technologies)
		}
	}
	if err := c.err(); err != nil {
		return Spec{}, err
	}
	return s, nil
}

func (e *Environment) checkZone(c *checker, values url.Values) string {
	zone := values.Get("networkZone")
	switch {
	case !values.Has("networkZone"):
	case !zoneFormat.MatchString(zone):
		c.add("QUERY", "networkZone", "must be 1 to 256 letters, digits, dots, underscores or hyphens")
	case slices.Contains(e.settings.zones, zone):
		return zone
	case values.Get("defaultZoneFallback") != "true":
		c.add("QUERY", "networkZone", "is unknown")
	}
	return ""
}
