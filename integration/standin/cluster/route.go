package cluster

import "strings"

// Endpoint is what a path of the server stands for.
type Endpoint string

// The endpoints of an environment.
const (
	EndpointInstaller      Endpoint = "installer"
	EndpointChecksum       Endpoint = "checksum"
	EndpointMetainfo       Endpoint = "metainfo"
	EndpointVersions       Endpoint = "versions"
	EndpointConnectionInfo Endpoint = "connectioninfo"
	EndpointEndpoints      Endpoint = "connectioninfo/endpoints"
	EndpointModuleConfig   Endpoint = "processmoduleconfig"
	EndpointCommunication  Endpoint = "communication"
	// EndpointSnoop is where an installer with FaultSnoop calls home.
	EndpointSnoop   Endpoint = "snoop"
	EndpointUnknown Endpoint = "unknown"
)

const apiPrefix = "api/v1/deployment/installer/agent/"

// route is a path, taken apart.
type route struct {
	environment string
	endpoint    Endpoint
	osType      string
	installer   string
	version     string // empty is latest
}

// parseRoute reads paths by hand, since /versions/{os}/{type} and
// /{os}/{type}/latest overlap, which [net/http.ServeMux] refuses.
func parseRoute(path string) route {
	r := route{endpoint: EndpointUnknown}
	if path == communication {
		// The tenant is known by its credentials.
		r.endpoint = EndpointCommunication
		return r
	}
	rest, ok := strings.CutPrefix(path, "/e/")
	if !ok {
		return r
	}
	r.environment, rest, _ = strings.Cut(rest, "/")
	if rest == "snoop" {
		r.endpoint = EndpointSnoop
		return r
	}
	rest, ok = strings.CutPrefix(rest, apiPrefix)
	if !ok {
		return r
	}
	switch p := strings.Split(rest, "/"); {
	case rest == "connectioninfo":
		r.endpoint = EndpointConnectionInfo
	case rest == "connectioninfo/endpoints":
		r.endpoint = EndpointEndpoints
	case rest == "processmoduleconfig":
		r.endpoint = EndpointModuleConfig
	case len(p) == 3 && p[0] == "versions":
		r.endpoint, r.osType, r.installer = EndpointVersions, p[1], p[2]
	case len(p) == 3 && p[2] == "latest":
		r.endpoint, r.osType, r.installer = EndpointInstaller, p[0], p[1]
	case len(p) == 4 && p[2] == "latest" && p[3] == "metainfo":
		r.endpoint, r.osType, r.installer = EndpointMetainfo, p[0], p[1]
	case len(p) == 5 && p[2] == "version" && p[4] == "checksum" && InstallerType(p[1]) == TypePaaS:
		r.endpoint, r.osType, r.installer, r.version = EndpointChecksum, p[0], p[1], p[3]
	case len(p) == 4 && p[2] == "version" && p[3] != "":
		r.endpoint, r.osType, r.installer, r.version = EndpointInstaller, p[0], p[1], p[3]
	}
	return r
}
