package rule

import (
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// ranLike is a rule as BuildKit's linter runs it.
type ranLike interface {
	RuleName() string
	Run(warn linter.LintWarnFunc, location []parser.Range, txt ...string)
}

// Dockerfiles skip rules by name, and clients print what they want and where it
// is explained.
func TestRules_HaveNamesWordsAndPages(t *testing.T) {
	const page = "https://github.com/org/dt-frontend/blob/main/docs/rules.md#"
	for _, tt := range []struct {
		rule             ranLike
		name, wants, url string
	}{
		{&SecretInArgOrEnv, "DynatraceSecretInArgOrEnv", "Dynatrace tokens should be passed as secrets only", "dynatracesecretinargorenv"},
		{&LinkInArgOrEnv, "DynatraceLinkInArgOrEnv", "The environment that an image reports to should be set when its container starts", "dynatracelinkinargorenv"},
		{&SecretMount, "DynatraceSecretMount", "Steps of the app should not mount the agent's secrets", "dynatracesecretmount"},
		{&Directive, "DynatraceOptions", "Options of the agent should be valid", "dynatraceoptions"},
		{&Volume, "DynatraceVolume", "Volumes should not hide the agent", "dynatracevolume"},
		{&ImageTrust, "DynatraceImageTrust", "Images should leave it to the container where tokens are sent", "dynatraceimagetrust"},
		{&Inactive, "DynatraceInactive", "Images should load the agent that they hold", "dynatraceinactive"},
		{&Technology, "DynatraceTechnology", "Technologies should be available for the flavor", "dynatracetechnology"},
	} {
		require.Equal(t, tt.name, tt.rule.RuleName())
		tt.rule.Run(func(name, wants, url, text string, _ []parser.Range) {
			require.Equal(t, []string{tt.name, tt.wants, page + tt.url, "found"}, []string{name, wants, url, text})
		}, nil, "found")
	}
}

func TestRules_SayWhatTheyFound(t *testing.T) {
	require.Equal(t, "unknown option", Directive.Format("unknown option"))
	require.Equal(t, "the image sets DT_AGENTACTIVE=false", Inactive.Format("the image", "sets DT_AGENTACTIVE=false"))
	require.Contains(t, Volume.Format("/opt", agent.HidesAgent), "VOLUME /opt hides the agent: ")
	require.Equal(t, "for flavor musl the installer is documented with java, nginx only: the cluster may not have go, php",
		Technology.Format("musl", []string{"java", "nginx"}, []string{"go", "php"}))
	require.Equal(t, "ENV DT_API_URL decides it. dt-start does not send a token that way, so the app may run unmonitored: set DT_API_URL when the container starts",
		ImageTrust.Format("ENV", "DT_API_URL", "decides it"))
	require.Equal(t, "ENV DT_START_MODE decides it. dt-start ignores it: set DT_START_MODE when the container starts",
		ImageTrust.Format("ENV", "DT_START_MODE", "decides it"))
	require.Contains(t, SecretInArgOrEnv.Format("ENV", "DT_PAAS_TOKEN"), "pass it with --secret id=DT_API_TOKEN")
	for _, id := range []string{"DT_AGENT_CA", "DT_INSTALLER_CA", "DT_PROXY", "DT_API_TOKEN"} {
		require.Contains(t, LinkInArgOrEnv.Format("ENV", id), "pass it with --secret id="+id)
	}
	require.Contains(t, LinkInArgOrEnv.Format("ENV", "DT_TENANT"), "set it when the container starts")
}

func TestTogether_KeepsEachMountOnce(t *testing.T) {
	at := func(id string, line int) Mount {
		return Mount{id, []parser.Range{{Start: parser.Position{Line: line}}}}
	}
	a := []Mount{at("DT_API_URL", 2)}
	require.Equal(t, []Mount{at("DT_API_URL", 2), at("DT_API_URL", 3), at("DT_TENANT", 2)},
		Together(a, []Mount{at("DT_API_URL", 2), at("DT_API_URL", 3), at("DT_TENANT", 2), at("DT_TENANT", 2)}))
	require.Len(t, a, 1)
}

func TestTriggers_AreReadOneByOne(t *testing.T) {
	require.Equal(t, []string{"/opt", "/data"}, TriggerVolumes("VOLUME /opt /data"))
	require.Empty(t, TriggerVolumes("RUN true"))
	require.Empty(t, TriggerVolumes("VOLUME /opt\nVOLUME /data"), "an image's config cannot have two in one")
	require.Empty(t, TriggerVolumes("VOLUME"))
	require.Empty(t, TriggerVolumes(""))
	require.Empty(t, Uses([]byte("FROM scratch\nONBUILD FLY DT_TENANT\n"), nil))
}

// What cannot be read by itself, as a here-document cannot, is BuildKit's affair.
func TestUses_ReadsPastTriggersThatItCannotParse(t *testing.T) {
	for _, trigger := range []string{"RUN <<EOF\ntrue\nEOF", "# a comment", "FLY", "ENV"} {
		require.NotPanics(t, func() {
			uses := Uses([]byte("FROM scratch\nONBUILD "+trigger+"\nENV DT_TENANT=x\n"), nil)
			require.LessOrEqual(t, len(uses), 1)
		}, trigger)
	}
	require.Len(t, Uses([]byte("FROM scratch\nONBUILD RUN <<EOF\ntrue\nEOF\nENV DT_TENANT=x\n"), nil), 1)
}
