package daemon

import (
	"bytes"
	"cmp"
	"os"
	"os/exec"
	"text/template"

	"github.com/stretchr/testify/require"
)

// settings are those of hack/up, but for the storage's limits: nothing is
// collected as garbage while a test looks for it.
var settings = template.Must(template.New("buildkitd.toml").Parse(`root = "{{.Root}}"
{{.Top}}
[log]
  level = "{{.Level}}"
[grpc]
  address = ["{{.Address}}"]
  debugAddress = "unix://{{.Debug}}"
[otel]
  socketPath = "{{.Trace}}"
[cdi]
  disabled = true
[worker.oci]
  enabled = true
  snapshotter = "{{.Snapshotter}}"
  networkMode = "{{.Network}}"
  binary = "{{.Runc}}"
  gc = false
{{.Worker}}
[worker.containerd]
  enabled = false
[registry."docker.io"]
  mirrors = ["{{.Registry}}"]
[registry."{{.Registry}}"]
  http = true
`))

func (d *Daemon) config(o Options) []byte {
	d.t.Helper()
	runc := os.Getenv("DT_RUNC")
	if runc == "" {
		var err error
		runc, err = exec.LookPath("runc")
		require.NoError(d.t, err)
	}
	snapshotter := cmp.Or(o.Snapshotter, os.Getenv("DT_SNAPSHOTTER"), "overlayfs")
	if o.Network == "" {
		o.Network = "host"
	}
	level := "info"
	if o.Debug {
		level = "debug"
	}
	var b bytes.Buffer
	require.NoError(d.t, settings.Execute(&b, map[string]any{
		"Level": level, "Debug": d.in("debug"), "Root": d.Root(), "Address": d.Address(), "Trace": d.in("otel"),
		"Snapshotter": snapshotter, "Runc": runc, "Registry": o.Registry,
		"Network": o.Network, "Worker": o.Worker, "Top": o.Top,
	}))
	return b.Bytes()
}
