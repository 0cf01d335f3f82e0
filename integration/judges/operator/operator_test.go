package operator

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/Dynatrace/dynatrace-operator/pkg/clients/dynatrace"
	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/standin/cluster"
)

func start(t *testing.T, options ...cluster.EnvironmentOption) *cluster.Environment {
	t.Helper()
	server := cluster.New(cluster.Options{Logf: t.Logf})
	require.NoError(t, server.Start(""))
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server.AddEnvironment(options...)
}

func client(t *testing.T, env *cluster.Environment, token string, options ...dynatrace.Option) dynatrace.Client {
	t.Helper()
	c, err := dynatrace.NewClient(env.APIURL(), "", token, options...)
	require.NoError(t, err)
	return c
}

func TestVersions(t *testing.T) {
	env := start(t)
	c := client(t, env, env.APIToken())
	latest, err := c.GetLatestAgentVersion(t.Context(), dynatrace.OsUnix, dynatrace.InstallerTypePaaS)
	require.NoError(t, err)
	require.Equal(t, cluster.DefaultTarget, latest)
	versions, err := c.GetAgentVersions(t.Context(), dynatrace.OsUnix, dynatrace.InstallerTypePaaS, "multidistro")
	require.NoError(t, err)
	require.Equal(t, cluster.DefaultVersions, versions)
}

// The CSI driver asks for a zip without metadata.
func TestAgent(t *testing.T) {
	env := start(t)
	c := client(t, env, env.APIToken())
	var exact, latest bytes.Buffer
	technologies := []string{"nodejs", "java"}
	require.NoError(t, c.GetAgent(t.Context(), dynatrace.OsUnix, dynatrace.InstallerTypePaaS, "multidistro", "x86", cluster.DefaultTarget, technologies, true, &exact))
	require.NoError(t, c.GetLatestAgent(t.Context(), dynatrace.OsUnix, dynatrace.InstallerTypePaaS, "multidistro", "x86", technologies, true, &latest))
	require.True(t, bytes.Equal(exact.Bytes(), latest.Bytes()))

	z, err := zip.NewReader(bytes.NewReader(exact.Bytes()), int64(exact.Len()))
	require.NoError(t, err)
	f, err := z.Open("manifest.json")
	require.NoError(t, err)
	defer f.Close()
	var manifest struct {
		Version      string
		Technologies map[string]map[string][]struct{ Path string }
	}
	require.NoError(t, json.NewDecoder(f).Decode(&manifest))
	require.Equal(t, cluster.DefaultTarget, manifest.Version)
	require.NotEmpty(t, manifest.Technologies["nodejs"]["linux-musl-x86-64"])
	for _, entry := range manifest.Technologies["java"]["linux-x86-64"] {
		file, err := z.Open(entry.Path)
		require.NoError(t, err)
		require.NoError(t, file.Close())
	}
	// As the operator's own end-to-end test has it.
	f, err = z.Open("agent/conf/ruxitagentproc.conf")
	require.NoError(t, err)
	defer f.Close()
	conf, err := io.ReadAll(f)
	require.NoError(t, err)
	for _, secret := range env.Secrets() {
		require.NotContains(t, string(conf), secret.Value, secret.Name)
	}
}

func TestConnectionInfo(t *testing.T) {
	env := start(t, cluster.WithNetworkZones("zone"))
	for _, zone := range []string{"", "zone", "unknown"} {
		info, err := client(t, env, env.APIToken(), dynatrace.NetworkZone(zone)).GetOneAgentConnectionInfo(t.Context())
		require.NoError(t, err)
		require.Equal(t, env.ID(), info.TenantUUID)
		require.Equal(t, env.TenantToken(), info.TenantToken)
		require.Equal(t, zone == "zone", strings.Contains(info.Endpoints, "https://zone."))
		require.Len(t, info.CommunicationHosts, len(strings.Split(info.Endpoints, ";")), "each endpoint can be read")
	}
}

func TestModuleConfig(t *testing.T) {
	env := start(t, cluster.WithHostGroup("shop", cluster.Property{Section: "general", Key: "dockerInjection", Value: "off"}))
	for group, want := range map[string]string{"": "on", "shop": "off"} {
		c := client(t, env, env.APIToken(), dynatrace.HostGroup(group))
		config, err := c.GetProcessModuleConfig(t.Context(), 0)
		require.NoError(t, err)
		require.Equal(t, want, config.ToMap()["general"]["dockerInjection"])
		again, err := c.GetProcessModuleConfig(t.Context(), config.Revision)
		require.NoError(t, err)
		require.True(t, again.IsEmpty(), "nothing has changed")
	}
}

func TestErrors(t *testing.T) {
	env := start(t)
	for token, want := range map[string]string{
		env.APIToken() + "X": "dynatrace server error 401: ",
		env.AddToken():       "dynatrace server error 403: Token is missing required scope. Use one of: ",
	} {
		c := client(t, env, token)
		_, err := c.GetLatestAgentVersion(t.Context(), dynatrace.OsUnix, dynatrace.InstallerTypePaaS)
		require.ErrorContains(t, err, want)
		err = c.GetAgent(t.Context(), dynatrace.OsUnix, dynatrace.InstallerTypePaaS, "default", "x86", cluster.DefaultTarget, nil, true, io.Discard)
		require.ErrorContains(t, err, want)
	}
	err := client(t, env, env.APIToken()).GetAgent(t.Context(), dynatrace.OsUnix, dynatrace.InstallerTypePaaS, "default", "x86", "1.1.1.20200101-000000", nil, true, io.Discard)
	require.ErrorContains(t, err, "dynatrace server error 404: ")
}
