package daemon

import (
	"context"
	"net"
	"net/http"

	"github.com/stretchr/testify/require"
)

// Prune empties its storage.
func (d *Daemon) Prune() {
	d.t.Helper()
	d.run("buildctl", "prune", "--all")
}

// Collect removes what nothing refers to any more, from memory and then from
// storage. Other daemons do both by themselves, a few minutes after a build; this
// one has to be told.
func (d *Daemon) Collect() {
	d.t.Helper()
	var dialer net.Dialer
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, "unix", d.in("debug"))
	}}}
	defer client.CloseIdleConnections()
	res, err := client.Get("http://daemon/debug/gc")
	require.NoError(d.t, err)
	require.NoError(d.t, res.Body.Close())
	d.run("buildctl", "prune", "--filter=id==none")
}
