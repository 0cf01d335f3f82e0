package links

import "maps"

// Files are the files of an agent that hold links, and which lines of them.
var Files = []File{
	{Path: "dynatrace-env.sh", Keys: envKeys, Shell: true},
	{Path: "ruxitagent.conf", Keys: both(confKeys, envKeys)},
	{Path: "agent/conf/ruxitagentproc.conf", Keys: confKeys},
	{Path: "agent/conf/ruxitagent.conf", Keys: confKeys},
	{Path: "agent/conf/standalone.conf", Keys: confKeys},
	{Path: "agent/config/container.conf", Keys: confKeys},
}

// MaxFile bounds a file of [Files], in bytes.
const MaxFile = 1 << 20

// File is one file and the keys of its lines that are links, in lower case.
type File struct {
	Path string
	Keys map[string]Kind
	// Shell says that it is a shell script: a line is replaced by one that does
	// nothing, since it may be all that a condition has. dynatrace-agent64.sh
	// sources such a file, so that none is removed as a whole.
	Shell bool
}

// manifestKeys are the members of manifest.json that are links.
var manifestKeys = map[string]Kind{
	"tenantuuid":                      Tenant,
	"tenanttoken":                     TenantToken,
	"communicationendpoints":          Endpoint,
	"formattedcommunicationendpoints": Endpoint,
}

// confKeys are the keys of the agent's configuration files that are links,
// whatever their section.
var confKeys = map[string]Kind{
	"tenant":        Tenant,
	"tenanttoken":   TenantToken,
	"serveraddress": Endpoint,
	"server":        Endpoint,
	"proxy":         Proxy,
	"noproxy":       Setting,
	"networkzone":   Setting,
	"hostgroup":     Setting,
}

// envKeys are the variables that dynatrace-env.sh exports.
var envKeys = map[string]Kind{
	"dt_tenant":           Tenant,
	"dt_tenanttoken":      TenantToken,
	"dt_connection_point": Endpoint,
	"dt_proxy":            Proxy,
	"dt_network_zone":     Setting,
}

func both(a, b map[string]Kind) map[string]Kind {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}
