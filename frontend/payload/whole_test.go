package payload

import (
	"encoding/json"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// files returns the files that a layer's steps write, by name.
func files(t *testing.T, st llb.State) map[string]string {
	t.Helper()
	def, err := st.Marshal(t.Context())
	require.NoError(t, err)
	out := map[string]string{}
	for _, dt := range def.Def {
		op := &pb.Op{}
		require.NoError(t, op.UnmarshalVT(dt))
		for _, a := range op.GetFile().GetActions() {
			if m := a.GetMkfile(); m != nil {
				out[m.Path] = string(m.Data)
			}
		}
	}
	return out
}

// settingsOf returns the settings that the last layer of p brings.
func settingsOf(t *testing.T, p *Payload) agent.Settings {
	t.Helper()
	var s agent.Settings
	for _, content := range files(t, p.Layers[len(p.Layers)-1].State) {
		if json.Unmarshal([]byte(content), &s) == nil && s.Mode != "" {
			return s
		}
	}
	t.Fatal("no settings in the last layer")
	return s
}

func TestNew_SaysWhatTheAgentIs(t *testing.T) {
	in := example
	in.Flavor, in.FIPS, in.Config = agent.FlavorMusl, true, "sha256:cccc"
	in.Preload = "/opt/dynatrace/oneagent/agent/lib64/liboneagentproc.so"
	o := option.Options{NetworkZone: "zone.a", PreloadEnv: true, ImageTrust: option.TrustAllow}
	p, err := New(llb.Scratch(), llb.Scratch(), nil, in, o, platform)
	require.NoError(t, err)

	require.Len(t, p.Layers, 3)
	require.Len(t, p.States(), 3)
	require.Equal(t, "ONEAGENT 1.305.152.20241113-104505 (musl, FIPS, x86)", p.Layers[0].CreatedBy)
	require.Equal(t, "START /opt/dynatrace/dt-start", p.Layers[1].CreatedBy)
	require.Equal(t, "SETTINGS "+agent.SettingsPath, p.Layers[2].CreatedBy)
	require.Equal(t, map[string]string{
		agent.LabelMode: "build", agent.LabelVersion: in.Version, agent.LabelFlavor: "musl",
		agent.LabelTechnologies: "java,nginx", agent.LabelConfig: "sha256:cccc",
	}, p.Labels)
	require.Equal(t, "sha256:aaaa", p.AgentLayer)
	require.Equal(t, in, *p.Installed)
	require.Contains(t, string(p.SPDX), in.Version)
	require.Equal(t, []Variable{{"LD_PRELOAD", in.Preload}}, p.Env)
	require.False(t, p.Alone)

	require.Equal(t, agent.Settings{
		Mode: "build", Version: in.Version, Flavor: "musl", Arch: "x86", Preload: in.Preload,
		NetworkZone: "zone.a", PreloadEnv: true, TrustImage: true,
	}, settingsOf(t, p))
	require.Contains(t, files(t, p.Layers[2].State), agent.SPDXPath, "scanners find the bill of materials")
}

func TestNew_LeavesOutWhatNobodyAskedFor(t *testing.T) {
	p, err := New(llb.Scratch(), llb.Scratch(), nil, example, option.Options{}, platform)
	require.NoError(t, err)
	require.Equal(t, "ONEAGENT 1.305.152.20241113-104505 (default, x86)", p.Layers[0].CreatedBy)
	require.Empty(t, p.Env)
	require.NotContains(t, p.Labels, agent.LabelConfig)
	require.False(t, settingsOf(t, p).PreloadEnv)
}

func TestRuntime_SaysWhatToInstall(t *testing.T) {
	o := option.Options{
		Version: "1.305.152.20241113-104505", Flavor: agent.FlavorMusl, Include: []string{"java", "nginx"},
		NetworkZone: "zone.a", FIPS: true, ImageTrust: option.TrustAllow,
	}
	ca := NewCertificates(llb.Scratch(), agent.Report{CA: "sha256:dddd"})
	p, err := Runtime(llb.Scratch(), o, ca, agent.ArchARM, platform)
	require.NoError(t, err)
	require.Equal(t, map[string]string{
		agent.LabelMode: "runtime", agent.LabelVersion: o.Version, agent.LabelFlavor: "musl", agent.LabelTechnologies: "java,nginx",
	}, p.Labels)
	require.Equal(t, "sha256:dddd", p.CA.Digest)
	require.Equal(t, agent.Settings{
		Mode: "runtime", Version: o.Version, Flavor: "musl", Arch: "arm", Include: []string{"java", "nginx"},
		NetworkZone: "zone.a", FIPS: true, TrustImage: true,
	}, settingsOf(t, p))
	require.Nil(t, NewCertificates(llb.Scratch(), agent.Report{}))
}

func TestAgentImage_SaysAllInItsLabels(t *testing.T) {
	for _, fips := range []bool{false, true} {
		in := example
		in.FIPS, in.Preload = fips, "/opt/dynatrace/oneagent/agent/lib64/liboneagentproc.so"
		p, err := New(llb.Scratch(), llb.Scratch(), nil, in, option.Options{PreloadEnv: true}, platform)
		require.NoError(t, err)
		alone := AgentImage(p)
		require.True(t, alone.Alone)
		require.Len(t, alone.Layers, 1)
		require.Contains(t, alone.Layers[0].CreatedBy, "ONEAGENT")
		require.Equal(t, "agent", alone.Labels[agent.LabelMode])
		require.Equal(t, in.Preload, alone.Labels[agent.LabelPreload])
		require.Equal(t, map[bool]string{true: "on"}[fips], alone.Labels[agent.LabelFIPS])
		require.Equal(t, "sha256:aaaa", alone.AgentLayer)
		require.Equal(t, in, *alone.Installed)
		require.Equal(t, p.SPDX, alone.SPDX)
		require.Empty(t, alone.Env, "it has no programs")
		require.NoError(t, alone.NoteImage([]string{"DT_API_URL=https://evil.invalid"}))
		require.Len(t, alone.Layers, 1)
		require.Contains(t, alone.Layers[0].CreatedBy, "ONEAGENT")
	}
}
