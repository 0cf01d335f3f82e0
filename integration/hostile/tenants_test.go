package hostile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/moby/buildkit/client/llb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/oci"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/install/seal"
	"github.com/org/dt-frontend/internal/install/supply"
	dtllb "github.com/org/dt-frontend/llb"
	"github.com/stretchr/testify/require"
)

// rounds is how often two environments meet on one builder. Without a nonce in
// the resolve step one in twelve such meetings mixed up their tokens.
const rounds = 20

// BuildKit shares equal steps of concurrent builds, and takes their secrets from
// any of them. Two environments that build the same Dockerfile at once must
// never see each other's token, nor get each other's agent.
func TestTenants_StayApart(t *testing.T) {
	one, two := tenant.NewCluster(t), tenant.NewCluster(t)
	for round := range rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			// By turns two clusters, and two environments of one cluster.
			servers := []*cluster.Server{one, two}
			if round%2 == 1 {
				servers[1] = one
			}
			var envs []*cluster.Environment
			for _, srv := range servers {
				envs = append(envs, srv.AddEnvironment())
			}
			results := make([]buildx.Result, len(envs))
			errs := make([]error, len(envs))
			var wg sync.WaitGroup
			for i, env := range envs {
				wg.Go(func() {
					results[i], errs[i] = buildx.Try(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)})
				})
			}
			wg.Wait()
			for i, env := range envs {
				require.NoError(t, errs[i], "%s", results[i].Output)
				require.Equal(t, env.Marker(), inspect.Marker(t, results[i]), "each has its own environment's agent")
				require.Equal(t, 1, tenant.Downloads(env))
				search.RequireNoSecrets(t, results[i].Output, envs[1-i])
				for _, req := range env.Requests() {
					require.Equal(t, env.ID(), req.Owner, "%s came with another environment's token", req.Endpoint)
					require.Empty(t, req.Foreign, "%s names another environment", req.Endpoint)
					require.False(t, req.TokenInQuery, "%s has the token in its URL", req.Endpoint)
				}
			}
		})
	}
}

// Whoever knows what the resolve step of another environment left, which is in
// exported caches, cannot fill the cache for it: no step works for what its own
// token does not open.
func TestTenants_ForeignAnswerIsRefused(t *testing.T) {
	victim, attacker := tenant.New(t), tenant.New(t)
	buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(victim), Args: buildx.Options("version=" + cluster.DefaultVersions[0])})

	// The step that the victim's next build will look for in the cache.
	fake := copiedAnswer(answerOf(t, victim, cluster.DefaultVersions[1]))
	steps := hostileSteps(t)
	spec := agent.Spec{Arch: agent.ArchX86, Flavor: agent.FlavorDefault} // of which nothing is cached
	const refused = "this step was given another build's secrets"
	out, err := solve(t, steps.Download(fake, spec, "x"), tenant.Secrets(attacker))
	require.Error(t, err)
	require.Contains(t, out, refused)
	require.Empty(t, attacker.Requests(), "nothing is sent")

	// Nor does install, whatever a forged download says.
	connection := &supply.Connection{Info: deploy.ConnectionInfo{Tenant: attacker.ID(), TenantToken: attacker.TenantToken()}}
	sealed, err := connection.Seal(attacker.APIToken())
	require.NoError(t, err)
	script, err := seal.Bytes([]byte("#!/bin/sh\nexit 0\n"), attacker.APIToken())
	require.NoError(t, err)
	forged := llb.Scratch().File(llb.Mkfile("/"+agent.ConnectionFile, 0o400, sealed).
		Mkfile("/"+agent.InstallerFile, 0o644, script).
		Mkfile("/"+agent.DownloadedFile, 0o644, []byte("{}")))
	out, err = solve(t, steps.Install(fake, forged, spec, "x").Tree, tenant.Secrets(attacker))
	require.Error(t, err)
	require.Contains(t, out, refused)

	// Control: with the victim's own token the step works, and needs no other
	// secret.
	out, err = solve(t, steps.Download(fake, spec, "x"), map[string]string{agent.SecretAPIToken: victim.APIToken()})
	require.NoError(t, err, out)
}

// hostileSteps are those that the frontend makes, in somebody else's hands.
func hostileSteps(t *testing.T) dtllb.Steps {
	t.Helper()
	return dtllb.Steps{
		Tools:    dtllb.Tools(llb.Image(testenv.Frontend(t))),
		Platform: ocispecs.Platform{OS: "linux", Architecture: "amd64"},
	}
}

// copiedAnswer stands where the resolve step does, with the agent.json that it
// left in another build.
func copiedAnswer(answer []byte) llb.State {
	return llb.Scratch().File(llb.Mkdir("/x86-default", 0o700).Mkfile("/x86-default/"+agent.ResolvedFile, 0o400, answer))
}

// answerOf takes the agent.json that the resolve step left out of an exported
// cache. The build that leaves it is for java alone.
func answerOf(t *testing.T, env *cluster.Environment, version string) []byte {
	t.Helper()
	cache := filepath.Join(t.TempDir(), "cache")
	buildx.Build(t, buildx.Request{
		Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Output: "type=cacheonly",
		Args: append(buildx.Options("version="+version+";include=java"), "--cache-to=type=local,mode=max,dest="+cache),
	})
	layout, err := oci.Open(cache)
	require.NoError(t, err)
	defer layout.Close()
	for name, dt := range search.Layout(t, layout) {
		var r agent.Resolved
		if strings.HasSuffix(name, agent.ResolvedFile) && json.Unmarshal(dt, &r) == nil && r.Version == version {
			return dt
		}
	}
	t.Fatal("the exported cache holds no agent.json: this test has lost its point")
	return nil
}

// solve runs a state as it is, without a frontend.
func solve(t *testing.T, st llb.State, secrets map[string]string) (string, error) {
	t.Helper()
	def, err := st.Marshal(t.Context(), llb.LinuxAmd64)
	require.NoError(t, err)
	var in bytes.Buffer
	require.NoError(t, llb.WriteTo(def, &in))
	args := []string{"build", "--progress=plain"}
	for id, v := range secrets {
		file := filepath.Join(t.TempDir(), id)
		require.NoError(t, os.WriteFile(file, []byte(v), 0o600))
		args = append(args, "--secret", "id="+id+",src="+file)
	}
	cmd := exec.CommandContext(t.Context(), "buildctl", args...)
	cmd.Stdin = &in
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Builds of one environment that hold different API tokens share no step, and do
// not disturb each other.
func TestTenants_TokensOfOneEnvironment(t *testing.T) {
	for range 6 {
		env := tenant.New(t)
		other := tenant.Secrets(env)
		other["DT_API_TOKEN"] = env.AddToken(cluster.ScopeInstallerDownload)
		results := make([]buildx.Result, 2)
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i, secrets := range []map[string]string{tenant.Secrets(env), other} {
			wg.Go(func() {
				results[i], errs[i] = buildx.Try(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: secrets})
			})
		}
		wg.Wait()
		for i := range results {
			require.NoError(t, errs[i], "%s", results[i].Output)
			require.Equal(t, env.Marker(), inspect.Marker(t, results[i]))
		}
	}
}

// A build without a token must not succeed with that of another, at once or
// later.
func TestTenants_BuildWithoutATokenBorrowsNone(t *testing.T) {
	env := tenant.New(t)
	for range 5 {
		var wg sync.WaitGroup
		var err error
		wg.Go(func() { buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)}) })
		wg.Go(func() {
			_, err = buildx.Try(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: map[string]string{"DT_TENANT": env.ID(), "DT_API_URL": env.APIURL()}})
		})
		wg.Wait()
		require.Error(t, err)
	}
	r := buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: map[string]string{"DT_TENANT": env.ID(), "DT_API_URL": env.APIURL()}})
	require.Contains(t, buildx.LastError(t, r), "missing secret DT_API_TOKEN")
}
