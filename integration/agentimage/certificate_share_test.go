package agentimage

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"sync"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/daemon"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/stretchr/testify/require"
)

// Two builds at once, equal but for their secrets, get each its own.
func TestCertificate_OfBuildsAtOnce(t *testing.T) {
	env := tenant.New(t)
	name, digest := buildx.AgentImage(t, env)
	for round := range 6 {
		r := buildx.Request{Dockerfile: buildx.DebianApp, Secrets: tenant.Secrets(env)}
		if round%2 == 1 {
			r = buildx.FromContext("docker-image://" + name + "@" + digest)
		}
		var (
			cas     = []string{front.NewAuthority(t).PEM, front.NewAuthority(t).PEM}
			results = make([]buildx.Result, len(cas))
			errs    = make([]error, len(cas))
			wg      sync.WaitGroup
		)
		for i, ca := range cas {
			wg.Go(func() {
				own := r
				own.Secrets = withCA(r.Secrets, ca)
				results[i], errs[i] = buildx.Try(t, own)
			})
		}
		wg.Wait()
		for i, ca := range cas {
			require.NoError(t, errs[i], "%s", results[i].Output)
			requireCA(t, results[i].Image(t), ca)
		}
	}
}

// What is no authority's certificate, or names the cluster, is in no image.
func TestCertificate_Refused(t *testing.T) {
	env := tenant.New(t)
	host := env.EndpointHosts()[1]
	secret := rand.Text()
	good := front.NewAuthority(t).PEM
	key := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte(secret)}))
	name, digest := buildx.AgentImage(t, env)
	for what, tt := range map[string]struct {
		text, want string
		// known says that it takes the cluster's word.
		known bool
	}{
		"a private key":   {good + key, "it has a private key in it", false},
		"names the host":  {front.Certificate(t, func(c *x509.Certificate) { c.DNSNames = []string{host} }), "a certificate in it holds the communication endpoint host", true},
		"names the owner": {good + front.Certificate(t, func(c *x509.Certificate) { c.Subject.Organization = []string{env.ID()} }), "a certificate in it holds the environment id", true},
	} {
		t.Run(what, func(t *testing.T) {
			const byAPI = "by its API"
			builds := map[string]buildx.Request{byAPI: {Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)}}
			if !tt.known {
				builds["by an agent image"] = buildx.FromContext("docker-image://" + name + "@" + digest)
			}
			for kind, r := range builds {
				r.Secrets = withCA(r.Secrets, tt.text)
				res := buildx.Fails(t, r)
				require.Contains(t, buildx.LastError(t, res), "dynatrace: invalid DT_AGENT_CA: ", kind)
				require.Contains(t, buildx.LastError(t, res), tt.want, kind)
				require.Contains(t, res.Output, ">>> # syntax=", "the line that asks for the agent is marked")
				if kind == byAPI { // the agent image is called by the environment's id
					search.RequireNoSecrets(t, res.Output, env)
				}
				require.NotContains(t, res.Output, secret)
				require.NotContains(t, res.Output, strings.Split(tt.text, "\n")[0], kind)
			}
		})
	}
}

// A cache that was imported has the layer, and not the step.
func TestCertificate_FromAnImportedCache(t *testing.T) {
	env := tenant.New(t)
	ref := testenv.Registry(t) + "/cache-ca:" + env.ID()
	ca := front.NewAuthority(t).PEM
	r := buildx.Request{Dockerfile: buildx.DebianApp, Secrets: withCA(tenant.Secrets(env), ca)}
	r.Args = []string{"--cache-to=type=registry,mode=max,ref=" + ref}
	first := requireCA(t, buildx.Build(t, r).Image(t), ca)
	daemon.PruneShared(t)
	r.Args = []string{"--cache-from=type=registry,ref=" + ref}
	again := buildx.Build(t, r)
	require.Equal(t, first, requireCA(t, again.Image(t), ca))
	require.Equal(t, 1, env.Count(cluster.EndpointInstaller))
	other := front.NewAuthority(t).PEM
	r.Secrets = withCA(r.Secrets, other)
	requireCA(t, buildx.Build(t, r).Image(t), other)
}
