package start

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
)

// secretsDir is where a platform mounts files for an app.
const secretsDir = "/secrets"

// startSource is one place where communication details can come from.
type startSource struct {
	// files lie in secretsDir, by name.
	files map[string]string
	env   []string
	// asks is how often the cluster is asked.
	asks int
	// says are lines of ours.
	says []string
	// variables are further ones that the app has then.
	variables []string
	// readable says that the app can read the API token: it stands in a
	// variable that is the platform's.
	readable bool
}

// startSources are the ways in which an app can be told of an environment.
func startSources(t testing.TB, env *cluster.Environment) map[string]startSource {
	api := []string{"DT_API_URL=" + env.APIURL(), "DT_TENANT=" + env.ID()}
	token := "DT_API_TOKEN=" + env.APIToken()
	services := vcapServices(t, env)
	binding := map[string]string{
		"dt/type": "dynatrace\n", "dt/api-url": env.APIURL() + "\n", "dt/environment-id": env.ID() + "\n", "dt/api-token": env.APIToken() + "\n",
		"db/type": "postgresql", "db/password": "x",
	}
	asked := []string{plainHTTP}
	application := []string{`VCAP_APPLICATION={"application_name":"shop","instance_index":3}`}
	return map[string]startSource{
		"agent variables": {env: tenant.AgentDetails(env)},
		"API variables":   {env: append(api, token), asks: 1, says: asked},
		"files": {
			files: map[string]string{"url": env.APIURL() + "\n", "token": env.APIToken() + "\n", "tenant": env.ID() + "\r\n"},
			env:   []string{"DT_API_URL_FILE=" + secretsDir + "/url", "DT_API_TOKEN_FILE=" + secretsDir + "/token", "DT_TENANT_FILE=" + secretsDir + "/tenant"},
			asks:  1, says: asked,
		},
		"a file for the token alone": {
			files: map[string]string{"token": env.APIToken() + "\n"},
			env:   append(api, "DT_API_TOKEN_FILE="+secretsDir+"/token"),
			asks:  1, says: asked,
		},
		"VCAP_SERVICES": {
			env:  append(application, "VCAP_SERVICES="+services),
			asks: 1, says: asked, readable: true,
			variables: append(application, "VCAP_SERVICES="+services, "DT_APPLICATIONID=shop"),
		},
		"VCAP_SERVICES_FILE_PATH": {
			files: map[string]string{"services.json": services},
			env:   append(application, "VCAP_SERVICES_FILE_PATH="+secretsDir+"/services.json"),
			asks:  1, says: asked,
			variables: append(application, "VCAP_SERVICES_FILE_PATH="+secretsDir+"/services.json"),
		},
		"SERVICE_BINDING_ROOT": {
			files: binding,
			env:   []string{"SERVICE_BINDING_ROOT=" + secretsDir},
			asks:  1, says: asked,
		},
		"a binding by name, with variables of the agent": {
			files: map[string]string{
				"My-Dynatrace/apiurl": env.APIURL() + "\n", "My-Dynatrace/environment-id": env.ID(), "My-Dynatrace/apitoken": env.APIToken(),
				"My-Dynatrace/tags": "a b\n", "My-Dynatrace/cluster-id": "shop", "My-Dynatrace/paas-token": env.APIToken(),
			},
			env:  []string{"SERVICE_BINDING_ROOT=" + secretsDir, "DT_CLUSTER_ID=mine"},
			asks: 1, says: asked,
			variables: []string{"DT_TAGS=a b", "DT_CLUSTER_ID=mine"},
		},
		"a service with a tenant token": {
			env: []string{fmt.Sprintf(`VCAP_SERVICES={"apm":[{"name":"x","tags":["ruxit"],"credentials":{"tenant":%q,"tenanttoken":%q,"server":%q}}]}`,
				env.ID(), env.TenantToken(), strings.Join(env.Endpoints(), ";"))},
		},
		"agent variables before all others": {
			files: binding,
			env:   append(tenant.AgentDetails(env), token, "DT_API_URL="+env.APIURL(), "SERVICE_BINDING_ROOT="+secretsDir),
		},
		"another environment's service": {
			env:  append(api, token, `VCAP_SERVICES={"x":[{"name":"dynatrace","credentials":{"environmentid":"other","apitoken":"other","apiurl":"https://other.invalid/api"}}]}`),
			asks: 1,
			says: []string{`dt-start: the API variables and VCAP_SERVICES (service "dynatrace") name different environments: the first is used`, plainHTTP},
		},
	}
}

// vcapServices is what Cloud Foundry writes, in a form that nobody would get
// by reading and writing it again.
func vcapServices(t testing.TB, env *cluster.Environment) string {
	t.Helper()
	credentials, err := json.Marshal(map[string]string{"environmentid": env.ID(), "apitoken": env.APIToken(), "apiurl": env.APIURL()})
	require.NoError(t, err)
	return "{ \"user-provided\" :[{\"name\":\"My-Dynatrace\",\t\"label\":\"ü\\u00fc\\/\",\"n\":1.50e+2, \"n\":null," +
		"\n\"credentials\":" + string(credentials) + "}],\"p-mysql\":[{\"name\":\"db\",\"credentials\":{\"password\":\"=\\\"$x'\"}}]} "
}

// Details from each source get an app monitored.
func TestStart_Sources(t *testing.T) {
	s := sharedStarts.Get(t)
	// The names alone: each has an environment of its own.
	for name := range startSources(t, s.environment()) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := s.environment()
			source := startSources(t, env)[name]
			r, o := s.debian.report(t, func(spec *runc.Spec) {
				spec.User = "12345"
				spec.Env = source.env
				spec.Mounts = []specs.Mount{secretFiles(t, source.files)}
			})
			require.Equal(t, source.says, o.lines)
			require.Equal(t, env.ID(), r.value("DT_TENANT"))
			require.Equal(t, env.TenantToken(), r.value("DT_TENANTTOKEN"))
			require.Contains(t, r.value("DT_CONNECTION_POINT"), env.Endpoints()[0])
			require.Subset(t, r.env, source.variables)
			require.Regexp(t, `^orchestration_tech=dt-start;script_version=[0-9A-Za-z.+_-]+$`, r.value("DT_DEPLOYMENT_METADATA"))
			require.NotContains(t, r.names(), "DT_API_TOKEN")
			require.Equal(t, source.readable, strings.Contains(o.stdout, env.APIToken()))
			require.Equal(t, source.asks, env.Count(cluster.EndpointConnectionInfo), "one round trip")
			tenant.RequireCheckIn(t, env, s.debian.app)
		})
	}
	// What the service's owner says of errors counts.
	for skip, code := range map[string]int{"": 0, "true": 0, "false": 78} {
		t.Run("skiperrors "+skip, func(t *testing.T) {
			t.Parallel()
			env := s.environment()
			env.RevokeToken(env.APIToken())
			o := s.debian.finish(t, func(spec *runc.Spec) {
				services := strings.Replace(vcapServices(t, env), `{"apitoken"`, `{"skiperrors":"`+skip+`","apitoken"`, 1)
				require.Contains(t, services, "skiperrors")
				spec.Env = []string{"VCAP_SERVICES=" + services}
			})
			require.Equal(t, code, o.code, "%q", o.lines)
			require.Equal(t, code == 0, o.stdout != "")
		})
	}
}

// A cluster with an authority of its own, in images that know none.
func TestStart_TrustsAGivenAuthority(t *testing.T) {
	s := sharedStarts.Get(t)
	srv := httptest.NewTLSServer(s.cluster)
	t.Cleanup(srv.Close)
	authority := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}))
	for name, value := range map[string]string{"PEM": authority, "file": secretsDir + "/ca.pem"} {
		t.Run(name, func(t *testing.T) {
			// Not in parallel: the server must not be closed before.
			env := s.environment()
			_, o := s.shellLess.report(t, func(spec *runc.Spec) {
				spec.Env = append(tenant.APIDetails(env), "DT_API_URL="+srv.URL+"/e/"+env.ID()+"/api", "DT_CA_CERT="+value)
				spec.Mounts = []specs.Mount{secretFiles(t, map[string]string{"ca.pem": authority})}
			})
			require.Empty(t, o.lines)
			tenant.RequireCheckIn(t, env, s.shellLess.app)
		})
	}
}

// secretFiles mounts files into secretsDir.
func secretFiles(t testing.TB, files map[string]string) specs.Mount {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		name = filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(content), 0o644))
	}
	return specs.Mount{Destination: secretsDir, Type: "bind", Source: dir, Options: []string{"rbind", "ro"}}
}
