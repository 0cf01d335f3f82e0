package main

import (
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/internal/agent"
)

// script is what an image would have in place of dt-start.
//
//go:embed entrypoint.sh
var script []byte

// warmups is how many starts do not count.
const warmups = 10

const (
	// bin holds copies of all that is started.
	bin     = agent.Root + "/bench"
	library = agent.Dir + "/" + agent.PreloadLibrary
	path    = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
)

// benchStart measures ways to start an app. The app is static: what the agent
// itself costs is no matter of who starts it.
func benchStart(args []string) (err error) {
	flags := flag.NewFlagSet("start", flag.ContinueOnError)
	runs := flags.Int("runs", 200, "`TIMES` that each is run")
	binaries := flags.String("bin", "", "`FOLDER` with dt-start and bare, to measure")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *runs < 1 {
		return errors.New("--runs: want at least 1")
	}
	if err := install(*binaries); err != nil {
		return fmt.Errorf("installing what is measured: %w", err)
	}
	server := cluster.New(cluster.Options{})
	if err := server.Start(""); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	env := server.AddEnvironment()

	list := candidates(env, bin+"/busybox", "true")
	if err := verify(env); err != nil {
		return err
	}
	before := env.Count(cluster.EndpointConnectionInfo)
	if err := interleave(list, warmups, *runs); err != nil {
		return err
	}
	asked := env.Count(cluster.EndpointConnectionInfo) - before
	fmt.Printf("Start and end of a static app: medians of %d, interleaved, on %d processors.\n"+
		"%d starts that had to ask made %d requests to a cluster on loopback.\n"+
		"The ratios are of what is added to a direct exec.\n\n",
		*runs, runtime.NumCPU(), 2*(*runs+warmups), asked)
	return table(os.Stdout, list)
}

// install puts dt-start and the others where an image has them. It writes
// into a fresh mount only.
func install(binaries string) error {
	if _, err := os.Stat(agent.Root); err == nil {
		return fmt.Errorf("%s is there already: run hack/bench", agent.Root)
	}
	for _, dir := range []string{bin, filepath.Dir(library), agent.Dir + "/log"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	copies := map[string]string{agent.StartPath: filepath.Join(binaries, "dt-start"), bin + "/bare": filepath.Join(binaries, "bare")}
	for _, name := range []string{"tini", "busybox"} {
		from, err := exec.LookPath(name)
		if err != nil {
			return err
		}
		copies[bin+"/"+name] = from
	}
	for to, from := range copies {
		if err := executable(from, to); err != nil {
			return err
		}
	}
	settings, err := json.Marshal(agent.Settings{
		Mode: agent.ModeBuild, Version: cluster.DefaultTarget,
		Flavor: agent.FlavorDefault, Arch: agent.ArchOf(runtime.GOARCH), Preload: library,
	})
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(agent.SettingsPath, settings, 0o644),
		// Nothing dynamic is started with it.
		os.WriteFile(library, nil, 0o755),
		os.WriteFile(bin+"/entrypoint.sh", script, 0o755),
	)
}

// candidates are the ways to start a command, direct exec first.
func candidates(env *cluster.Environment, command ...string) []*candidate {
	given := []string{
		path, "DT_TENANT=" + env.ID(), "DT_TENANTTOKEN=" + env.TenantToken(), "DT_CONNECTION_POINT=" + env.Endpoints()[0],
	}
	asked := []string{
		path, "DT_TENANT=" + env.ID(), "DT_API_URL=" + env.APIURL(), "DT_API_TOKEN=" + env.APIToken(),
	}
	front := func(args ...string) []string { return slices.Concat(args, command) }
	scripts := []*candidate{
		{name: "bash script, details given", args: front(bin + "/entrypoint.sh"), env: given, agent: true},
		{name: "bash, curl and jq, one request", args: front(bin + "/entrypoint.sh"), env: asked, agent: true},
	}
	return []*candidate{
		{name: "direct exec", args: command, env: given},
		{name: "tini", args: front(bin+"/tini", "--"), env: given},
		{name: "a Go program that execs", args: front(bin + "/bare"), env: given},
		{name: "dt-start, details given", args: front(agent.StartPath, "--"), env: given, agent: true, rival: scripts[0]},
		scripts[0],
		{name: "dt-start, one request", args: front(agent.StartPath, "--"), env: asked, agent: true, rival: scripts[1]},
		scripts[1],
	}
}

// verify makes sure that what is compared does the same.
func verify(env *cluster.Environment) error {
	for _, c := range candidates(env, bin+"/busybox", "env") {
		cmd := exec.Command(c.args[0], c.args[1:]...)
		cmd.Env = c.env
		dt, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		out := string(dt)
		if lookUp(out, "DT_TENANTTOKEN") != env.TenantToken() || lookUp(out, "DT_API_TOKEN") != "" {
			return fmt.Errorf("%s: the app has not what it should", c.name)
		}
		if monitored := lookUp(out, "LD_PRELOAD") == library; monitored != c.agent {
			return fmt.Errorf("%s: LD_PRELOAD names the agent: %t", c.name, monitored)
		}
	}
	return nil
}
