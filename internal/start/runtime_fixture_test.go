package start

import (
	"context"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/start/provision"
)

const version = "1.305.152.20241113-104505"

// installer is an Installer that remembers.
type installer struct {
	inPlace *provision.Agent
	err     error
	orders  []provision.Order
	hang    bool
}

func (i *installer) Find(o provision.Order) (*provision.Agent, bool) {
	if i.inPlace == nil || o.Version != "" && o.Version != i.inPlace.Version {
		return nil, false
	}
	return i.inPlace, true
}

func (i *installer) Where(provision.Order) (string, error) { return "/tmp/x/oneagent", i.err }

func (i *installer) Install(ctx context.Context, r Request, o provision.Order, say func(string)) (*provision.Agent, error) {
	i.orders = append(i.orders, o)
	say("downloaded 10% with " + r.Credentials.Token())
	if i.hang {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if i.err != nil {
		return nil, i.err
	}
	return placed(o.Version), nil
}

func placed(version string) *provision.Agent {
	return &provision.Agent{Version: version, Dir: "/tmp/x/oneagent", Preload: "/tmp/x/oneagent/lib.so"}
}

// runtimeFixture is a container without an agent.
type runtimeFixture struct {
	*fixture
	installer *installer
	stderr    strings.Builder
}

func newRuntimeFixture(t *testing.T, settings string) *runtimeFixture {
	t.Helper()
	f := &runtimeFixture{fixture: newFixture(t), installer: &installer{}}
	delete(f.files.MapFS, strings.TrimPrefix(library, "/"))
	f.files.put(agent.SettingsPath, 0o644, `{"mode":"runtime","arch":"x86"`+settings+`}`)
	f.files.put("/tmp/x/oneagent/log", 0o777|1<<31, "")
	f.cluster.latest = version
	return f
}

func (f *runtimeFixture) input() Input {
	return Input{Args: f.args, Env: f.env, Files: f.files, Cluster: f.cluster, Installer: f.installer, Stderr: &f.stderr}
}

func (f *runtimeFixture) make(t *testing.T) *Plan {
	t.Helper()
	return Make(t.Context(), f.input())
}

func (f *runtimeFixture) api() *runtimeFixture {
	f.apiVariables()
	return f
}
