package payload

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/spdx/tools-golang/spdx/v2/common"
	"github.com/spdx/tools-golang/spdx/v2/v2_3"
)

// spdxCreated is fixed, so that the start layer is the same in every image.
const spdxCreated = "1970-01-01T00:00:00Z"

// billOfMaterials describes the agent of in as an SPDX document. The agent has
// no package database of its own, so a scanner finds it by this file alone.
func billOfMaterials(in agent.Installed) ([]byte, error) {
	const id = common.ElementID("Package-oneagent")
	doc := v2_3.Document{
		SPDXVersion:       v2_3.Version,
		DataLicense:       v2_3.DataLicense,
		SPDXIdentifier:    "DOCUMENT",
		DocumentName:      "Dynatrace OneAgent " + in.Version,
		DocumentNamespace: "urn:dt-frontend:oneagent:" + in.Version + ":" + string(in.Arch) + ":" + string(in.Flavor) + ":" + in.DiffID,
		CreationInfo: &v2_3.CreationInfo{
			Created:  spdxCreated,
			Creators: []common.Creator{{CreatorType: "Tool", Creator: "dt-frontend"}},
		},
		Packages: []*v2_3.Package{{
			PackageName:             "oneagent",
			PackageSPDXIdentifier:   id,
			PackageVersion:          in.Version,
			PackageSupplier:         &common.Supplier{SupplierType: "Organization", Supplier: "Dynatrace LLC"},
			PackageDownloadLocation: "NOASSERTION",
			PackageLicenseConcluded: "NOASSERTION",
			PackageLicenseDeclared:  "NOASSERTION",
			PackageCopyrightText:    "NOASSERTION",
			// Of the clean agent. The installer's own could tell environments
			// apart, where it came with their links.
			PackageChecksums: []common.Checksum{{Algorithm: common.SHA256, Value: strings.TrimPrefix(in.DiffID, "sha256:")}},
			PackageExternalReferences: []*v2_3.PackageExternalReference{{
				Category: common.CategoryPackageManager,
				RefType:  common.TypePackageManagerPURL,
				Locator:  fmt.Sprintf("pkg:generic/dynatrace-one-agent@%s?arch=%s", in.Version, in.Arch),
			}},
		}},
		Relationships: []*v2_3.Relationship{{
			RefA:         common.MakeDocElementID("", "DOCUMENT"),
			RefB:         common.MakeDocElementID("", string(id)),
			Relationship: common.TypeRelationshipDescribe,
		}},
	}
	dt, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding the bill of materials: %w", err)
	}
	return append(dt, '\n'), nil
}
