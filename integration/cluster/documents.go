package cluster

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// wrapper is the entrypoint that comes with an agent. The text of the real one
// is not public.
func wrapper(lib string) string {
	return `#!/bin/sh
home=$(cd "$(dirname "$0")" && pwd)
. "$home/dynatrace-env.sh"
LD_PRELOAD=$home/agent/` + lib + `/liboneagentproc.so${LD_PRELOAD:+:$LD_PRELOAD}
export LD_PRELOAD
exec "$@"
`
}

func (t *tree) addScripts() {
	t.add(file{path: "dynatrace-agent64.sh", body: text(wrapper("lib64")), executable: true})
	e := t.environment
	if !t.linked() {
		t.add(file{path: "dynatrace-env.sh", body: text("# no connectivity information in this installer\n"), executable: true})
		return
	}
	t.addLink("dynatrace-env.sh", fmt.Sprintf("export DT_TENANT=%s\nexport DT_TENANTTOKEN=%s\nexport DT_CONNECTION_POINT=\"%s\"\n",
		e.id, e.tenantToken, t.endpoints()), "environment id", "tenant token", "endpoint host")
}

const agentConf = `# OneAgent process agent configuration
[agentType]
apache on
dotnet not-global
java on
nginx on
nodejs on
python off
[general]
containerInjectionRules -1::EXCLUDE:EQUALS,KUBERNETES_CONTAINERNAME,POD;-2::EXCLUDE:CONTAINS,IMAGE_NAME,pause-amd64
dockerInjection on
injectionRules -47::EXCLUDE:EQUALS,LINKAGE,static;-35::EXCLUDE:EQUALS,NODEJS_SCRIPT_NAME,bin/pm2
removeContainerIDfromPGI on
`

const agentConfEnd = "staticGoInjection off\n"

func (t *tree) addConfig() {
	t.add(file{path: "agent/installer.version", body: text(t.spec.Version)})
	t.add(file{path: "agent/dt_fips_disabled.flag", body: text("")})
	t.add(file{path: "agent/customkeys/curl_options.conf", body: text("initialConnectRetryMs 6000\n")})
	// In the zip the link is missing: who unpacks it has to make it.
	if t.spec.Type == TypePaaSScript {
		t.add(file{path: "agent/bin/current", target: t.spec.Version})
	}
	const proc = "agent/conf/ruxitagentproc.conf"
	if !t.linked() {
		t.add(file{path: proc, body: text(agentConf + agentConfEnd)})
		return
	}
	e := t.environment
	names := []string{"environment id", "tenant token", "endpoint host"}
	t.addLink(proc, fmt.Sprintf("%sserverAddress {%s}\n%stenant %s\ntenantToken %s\n",
		agentConf, t.endpoints(), agentConfEnd, e.id, e.tenantToken), names...)
	if !t.old() {
		return
	}
	standalone := fmt.Sprintf("tenant %s\ntenanttoken %s\nserver {%s}\nstorage /var/lib/dynatrace/oneagent\nloglevelcon NONE\n",
		e.id, e.tenantToken, t.endpoints())
	t.addLink("agent/conf/standalone.conf", standalone, names...)
	t.addLink("ruxitagent.conf", standalone, names...)
	// As OpenSSL writes them.
	host := e.EndpointHosts()[0]
	for _, name := range []string{"custom.pem", "custom_proxy.pem"} {
		t.addLink("agent/customkeys/"+name,
			fmt.Sprintf("subject=CN = %s\n-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n", host,
				base64.StdEncoding.EncodeToString([]byte("0\x82"+host))), "endpoint host")
	}
	t.addLink("agent/config/container.conf",
		fmt.Sprintf("[container]\ncontainerName app\n[host]\ntenant %s\nisCloudNativeFullStack true\n", e.id), "environment id")
}

// addLogs adds what an agent left that was active while the tree was made.
func (t *tree) addLogs() {
	t.add(file{path: "log", folder: true})
	if !t.linked() {
		return
	}
	parts := strings.Split(t.spec.Version, ".")
	date, _, _ := strings.Cut(parts[len(parts)-1], "-")
	t.addLink("log/process/ruxitagentproc_"+date+".log",
		fmt.Sprintf("[info] connecting to %s as tenant %s\n", t.endpoints(), t.environment.id), "environment id", "endpoint host")
}
