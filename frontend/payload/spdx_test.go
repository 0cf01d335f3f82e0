package payload

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBillOfMaterials_IsTheSameEachTime(t *testing.T) {
	in := example
	in.Installer = "0123"
	a, err := billOfMaterials(in)
	require.NoError(t, err)
	b, err := billOfMaterials(in)
	require.NoError(t, err)
	require.Equal(t, a, b, "it is in a layer that images share")
	require.NotContains(t, string(a), "0123", "installers differ between environments")
}

// The whole document is written out: a scanner needs each of its fields.
func TestBillOfMaterials_HasTheFieldsOfSPDX(t *testing.T) {
	got, err := billOfMaterials(example)
	require.NoError(t, err)
	require.True(t, json.Valid(got))
	require.JSONEq(t, `{
		"spdxVersion": "SPDX-2.3",
		"dataLicense": "CC0-1.0",
		"SPDXID": "SPDXRef-DOCUMENT",
		"name": "Dynatrace OneAgent 1.305.152.20241113-104505",
		"documentNamespace": "urn:dt-frontend:oneagent:1.305.152.20241113-104505:x86:default:sha256:aaaa",
		"creationInfo": {"creators": ["Tool: dt-frontend"], "created": "1970-01-01T00:00:00Z"},
		"packages": [{
			"name": "oneagent",
			"SPDXID": "SPDXRef-Package-oneagent",
			"versionInfo": "1.305.152.20241113-104505",
			"supplier": "Organization: Dynatrace LLC",
			"downloadLocation": "NOASSERTION",
			"filesAnalyzed": false,
			"checksums": [{"algorithm": "SHA256", "checksumValue": "aaaa"}],
			"licenseConcluded": "NOASSERTION",
			"licenseDeclared": "NOASSERTION",
			"copyrightText": "NOASSERTION",
			"externalRefs": [{
				"referenceCategory": "PACKAGE-MANAGER",
				"referenceType": "purl",
				"referenceLocator": "pkg:generic/dynatrace-one-agent@1.305.152.20241113-104505?arch=x86"
			}]
		}],
		"relationships": [{
			"spdxElementId": "SPDXRef-DOCUMENT",
			"relatedSpdxElement": "SPDXRef-Package-oneagent",
			"relationshipType": "DESCRIBES"
		}]
	}`, string(got))
}
