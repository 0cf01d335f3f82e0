package leaky

import (
	"strings"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Version is that of the agent in the images.
const Version = "1.305.152.20241113-104505"

const (
	oneagent = "opt/dynatrace/oneagent/"
	library  = oneagent + "agent/lib64/liboneagentproc.so"
)

// Agent returns the files of an agent without links to a cluster.
func Agent() []File { return agentFiles() }

// Start returns the files that dt-frontend adds beside the agent, and the
// entrypoint that goes with them.
func Start() ([]File, []string) { return startFiles(), []string{"/opt/dynatrace/dt-start", "--"} }

// agentFiles are an agent without links to a cluster.
func agentFiles() []File {
	return []File{
		{Name: "opt/dynatrace/", Folder: true},
		{Name: oneagent, Folder: true},
		{Name: oneagent + "manifest.json", Content: `{"technologies":{"java":{"linux-x86-64":[]},"process":{"linux-x86-64":[{"path":"agent/lib64/liboneagentproc.so","binarytype":"primary"},{"path":"log/ignore_me.txt"},{"path":"datastorage/ignore_me.txt"}]}},"version":"` + Version + `"}`},
		{Name: oneagent + "dynatrace-env.sh", Content: placeholders},
		{Name: oneagent + "agent/conf/ruxitagentproc.conf", Content: "# settings\n[general]\ndockerInjection on\nhostGroup shared\ntenant {$tenant}\nserverAddress {$endpoints}\n[agentType]\njava on\n"},
		{Name: library, Content: "\x7fELF" + strings.Repeat("\x00not a library\x00", 100), Exec: true},
		{Name: oneagent + "log/", Folder: true},
		{Name: oneagent + "log/ignore_me.txt", Content: "# nothing\n"},
		{Name: oneagent + "datastorage/", Folder: true},
		{Name: oneagent + "datastorage/ignore_me.txt", Content: "# nothing\n"},
	}
}

// placeholders is the script with an agent's details as an installer without
// metadata may leave it.
const placeholders = `# dynatrace-env.sh
DT_TENANT=${DT_TENANT:-{$tenant}}
export DT_TENANT
DT_TENANTTOKEN=${DT_TENANTTOKEN:-{$token}}
export DT_TENANTTOKEN
DT_CONNECTION_POINT=${DT_CONNECTION_POINT:-{$endpoints}}
export DT_CONNECTION_POINT
`

// startFiles are what dt-frontend adds.
func startFiles() []File {
	return []File{
		{Name: "opt/dynatrace/dt-start", Content: "\x7fELF start", Exec: true},
		{Name: "opt/dynatrace/dt-start.json", Content: `{"mode":"build","version":"` + Version + `","flavor":"default","arch":"x86"}`},
	}
}

// appFiles are an app, with words that are no leaks.
func appFiles() []File {
	return []File{
		{Name: "app/", Folder: true},
		{Name: "app/server.js", Content: "// DT_TENANT and DT_API_TOKEN are set when the container starts\n"},
		{Name: "app/README.md", Content: "Tokens look like dt0" + "c01.ABC… and tenant tokens like nothing else.\n"},
		{Name: "app/manifest.json", Content: `{"name":"an extension of a browser","manifest_version":3}`},
		{Name: "app/server.conf", Content: "server https://example.com\nproxy none\ntenant demo\n"},
		{Name: "bin/app", Target: "/app/server.js"},
	}
}

// instrumented is an image as dt-frontend builds it.
func instrumented(arch string) platform {
	p := app(arch)
	p.layers = append(p.layers, layer{files: agentFiles()}, layer{files: startFiles()})
	p.config.Config.Entrypoint = []string{"/opt/dynatrace/dt-start", "--"}
	p.config.Config.Labels = map[string]string{
		"com.dynatrace.oneagent.mode":         "build",
		"com.dynatrace.oneagent.version":      Version,
		"com.dynatrace.oneagent.flavor":       "default",
		"com.dynatrace.oneagent.technologies": "java",
		"com.dynatrace.oneagent.entrypoint":   "[]",
	}
	return p
}

// app is an image without an agent. Its history names secrets, and holds none.
func app(arch string) platform {
	img := dockerspec.DockerOCIImage{}
	img.Platform = ocispecs.Platform{OS: "linux", Architecture: arch}
	img.Config.Env = []string{"PATH=/bin", "DT_TENANT="}
	img.Config.Cmd = []string{"/bin/app"}
	img.Config.Labels = map[string]string{}
	img.History = []ocispecs.History{
		{CreatedBy: "ARG DT_API_TOKEN", EmptyLayer: true},
		{CreatedBy: "RUN --mount=type=secret,id=DT_API_TOKEN DT_API_TOKEN=$(cat /run/secrets/DT_API_TOKEN) DT_TENANT=\"$TENANT\" ./install"},
	}
	return platform{arch: arch, config: img, layers: []layer{{files: appFiles()}}}
}

// others is an image whose Dockerfile copies the vendor's code modules.
func others(arch string) platform {
	p := app(arch)
	p.layers = append(p.layers, layer{files: agentFiles()})
	p.config.Config.Env = append(p.config.Config.Env, "LD_PRELOAD=/"+library)
	return p
}

// runtime is an image that fetches its agent when it starts.
func runtime(arch string) platform {
	p := app(arch)
	p.layers = append(p.layers, layer{files: []File{
		{Name: "opt/dynatrace/dt-start", Content: "\x7fELF start", Exec: true},
		{Name: "opt/dynatrace/dt-start.json", Content: `{"mode":"runtime","arch":"x86"}`},
	}})
	p.config.Config.Entrypoint = []string{"/opt/dynatrace/dt-start", "--"}
	p.config.Config.Labels = map[string]string{"com.dynatrace.oneagent.mode": "runtime"}
	return p
}
