package cluster

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// wrapper is the entrypoint that comes with an agent. As the vendor's it works
// as a program and by ".", heeds DT_HOME, says where it is, and appends to
// LD_PRELOAD.
func wrapper(lib string) string {
	return `#!/bin/sh
home=${DT_HOME:-}
[ -n "$home" ] || home=$(dirname -- "$(readlink -f -- "$0")")
echo "Info: the agent lies in $home"
if [ -f "$home/dynatrace-env.sh" ]; then
	. "$home/dynatrace-env.sh"
else
	echo "Warning: there is no $home/dynatrace-env.sh"
fi
LD_PRELOAD=${LD_PRELOAD:+$LD_PRELOAD:}$home/agent/` + lib + `/liboneagentproc.so
export LD_PRELOAD
if [ $# -gt 0 ]; then
	exec "$@"
fi
`
}

// The placeholders of templates, which stay in an installer without metadata.
const (
	tenantPlaceholder    = "{$tenant}"
	tokenPlaceholder     = "{$token}"
	endpointsPlaceholder = "{$endpoints}"
)

// environmentScript is the file that the wrapper reads, in its real form: a
// value that the container has comes first.
func environmentScript(tenant, token, endpoints string) string {
	var b strings.Builder
	for _, v := range [][2]string{{"DT_TENANT", tenant}, {"DT_TENANTTOKEN", token}, {"DT_CONNECTION_POINT", endpoints}} {
		fmt.Fprintf(&b, "%[1]s=${%[1]s:-%[2]s}\nexport %[1]s\n", v[0], v[1])
	}
	return "# dynatrace-env.sh\n" + b.String()
}

// placeholders says whether a tree without links has placeholders in their
// place, or nothing: both are seen, and the server's seed decides.
func (t *tree) placeholders() bool {
	return t.seeded("placeholders").IntN(2) == 0
}

func (t *tree) addScripts() {
	t.add(file{path: "dynatrace-agent64.sh", body: text(wrapper("lib64")), executable: true, listed: t.everywhere()})
	const name = "dynatrace-env.sh"
	e := t.environment
	template := environmentScript(tenantPlaceholder, tokenPlaceholder, endpointsPlaceholder)
	f := file{path: name, executable: true, template: template, listed: t.everywhere()}
	switch {
	case t.linked():
		t.addLinked(f, environmentScript(e.id, e.tenantToken, t.endpoints()), "environment id", "tenant token", "endpoint host")
	case t.placeholders():
		f.body = text(template)
		t.add(f)
	default:
		f.body = text(environmentScript("", "", ""))
		t.add(f)
	}
}

// agentConf is the process agent's configuration, with the sections and the
// kinds of values that real ones have.
func (t *tree) agentConf() string {
	blocked, paths := "blocklist", `libraryPath32 "../bin/%[1]s/linux-x86-32"
libraryPath64 "../bin/%[1]s/linux-x86-64"
libraryPathMusl64 "../bin/%[1]s/linux-musl-x86-64"
`
	if t.before(221) {
		blocked = "blacklist"
	}
	if t.before(281) {
		paths = "libraryPath32 \"../lib\"\nlibraryPath64 \"../lib64\"\nlibraryPathMusl64 \"../libmusl64\"\n"
	}
	return `# OneAgent process agent configuration
# Paths are relative to the library.
[agentType]
apache on
dotnet not-global
java on
nginx on
nodejs on
python off

[` + blocked + `]
ApplicationFilter` + " " + `
ExecutableFilter "sshd","docker","jps","ld-musl-x86_64.so.1"

[SpecializedAgent]
` + strings.ReplaceAll(paths, "%[1]s", t.spec.Version) + `
[dotNetAgent]
libraryGUID {00000000-0000-4000-8000-000000000000}

[general]
containerInjectionRules -1::EXCLUDE:EQUALS,KUBERNETES_CONTAINERNAME,POD;-2::EXCLUDE:CONTAINS,IMAGE_NAME,pause-amd64
dataStorageDir "../.."
dockerInjection on
injectionRules -47::EXCLUDE:EQUALS,LINKAGE,static;-35::EXCLUDE:EQUALS,NODEJS_SCRIPT_NAME,bin/pm2
logDir "../../log"
removeContainerIDfromPGI on
revision 1
standalone on
staticGoInjection off
`
}

func confLinks(tenant, token, endpoints string) string {
	return fmt.Sprintf("serverAddress %s\ntenant %s\ntenantToken %s\n", endpoints, tenant, token)
}

func (t *tree) addConfig() {
	const proc = "agent/conf/ruxitagentproc.conf"
	e := t.environment
	names := []string{"environment id", "tenant token", "endpoint host"}
	conf := t.agentConf()
	// The delivered file is never the one that the manifest knows, links or not.
	f := file{path: proc, template: conf + "libraryPathX " + t.spec.Version + "\n", listed: t.everywhere()}
	if t.before(281) {
		f.template = conf
	}
	switch {
	case t.linked():
		t.addLinked(f, conf+confLinks(e.id, e.tenantToken, grouped(e.endpointGroups(t.spec.NetworkZone))), names...)
	case t.placeholders():
		f.body = text(conf + confLinks(tenantPlaceholder, tokenPlaceholder, endpointsPlaceholder))
		t.add(f)
	default:
		f.body = text(conf)
		t.add(f)
	}
	if t.old() && t.linked() {
		t.addFormerConfig()
	}
}

// addFormerConfig adds files that only old versions have.
func (t *tree) addFormerConfig() {
	e := t.environment
	names := []string{"environment id", "tenant token", "endpoint host"}
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
	if !t.linked() {
		return
	}
	parts := strings.Split(t.spec.Version, ".")
	date, _, _ := strings.Cut(parts[len(parts)-1], "-")
	t.addLink("log/process/ruxitagentproc_"+date+".log",
		fmt.Sprintf("[info] connecting to %s as tenant %s\n", t.endpoints(), t.environment.id), "environment id", "endpoint host")
}
