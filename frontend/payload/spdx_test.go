package payload

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBillOfMaterials(t *testing.T) {
	in := example
	in.Installer = "0123"
	a, err := billOfMaterials(in)
	require.NoError(t, err)
	b, err := billOfMaterials(in)
	require.NoError(t, err)
	require.Equal(t, a, b, "it is in a layer that images share")
	var doc struct {
		SPDXVersion string `json:"spdxVersion"`
		Packages    []struct {
			Name    string `json:"name"`
			Version string `json:"versionInfo"`
		} `json:"packages"`
	}
	require.NoError(t, json.Unmarshal(a, &doc))
	require.Equal(t, "SPDX-2.3", doc.SPDXVersion)
	require.Equal(t, "oneagent", doc.Packages[0].Name)
	require.Equal(t, example.Version, doc.Packages[0].Version)
}
