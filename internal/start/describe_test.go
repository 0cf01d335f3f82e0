package start

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDescribe: what the user says of the deployment stays, and ours is behind it.
func TestDescribe(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		env                  []string
		metadata, properties string
	}{
		{nil, "orchestration_tech=dt-start;script_version=1.2.3", "DtStartVersion=1.2.3"},
		{[]string{"DT_DEPLOYMENT_METADATA=", "DT_CUSTOM_PROP= "}, "orchestration_tech=dt-start;script_version=1.2.3", "DtStartVersion=1.2.3"},
		{[]string{"DT_DEPLOYMENT_METADATA=team=a", "DT_CUSTOM_PROP=a=b c=d"}, "team=a;orchestration_tech=dt-start;script_version=1.2.3", "a=b c=d DtStartVersion=1.2.3"},
		{[]string{"DT_DEPLOYMENT_METADATA=team=a;", "DT_CUSTOM_PROP=a=b "}, "team=a;orchestration_tech=dt-start;script_version=1.2.3", "a=b DtStartVersion=1.2.3"},
		// As the operator sets it.
		{[]string{"DT_DEPLOYMENT_METADATA=orchestration_tech=Operator-x;script_version=v1;orchestrator_id=y", "DT_CUSTOM_PROP=DtStartVersion=mine"}, "orchestration_tech=Operator-x;script_version=v1;orchestrator_id=y", "DtStartVersion=mine"},
	} {
		f := newFixture(t).agentVariables().set(tc.env...)
		in := Input{Version: "1.2.3", Args: f.args, Env: f.env, Files: f.files, Cluster: f.cluster}
		env := newEnviron(Make(t.Context(), in).Env)
		require.Equal(t, tc.metadata, env.get("DT_DEPLOYMENT_METADATA"))
		require.Equal(t, tc.properties, env.get("DT_CUSTOM_PROP"))
	}
	require.NotContains(t, newFixture(t).agentVariables().make(t).Env, "DT_CUSTOM_PROP=DtStartVersion=", "without a version nothing is added")
}
