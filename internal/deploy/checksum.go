package deploy

import (
	"context"
	"encoding/hex"
	"net/url"
	"strings"
)

// Checksum asks for the SHA-256, in hex, of a zip archive: of the one that query
// describes, as the request for the archive itself does, before an environment
// changes anything in it. Older clusters do not know it (404).
//
// Source: the vendor's documentation, GET
// /deployment/installer/agent/{osType}/{installerType}/version/{version}/checksum,
// which is for the type paas alone and knows no skipMetadata.
func (c *Client) Checksum(ctx context.Context, version string, query url.Values) (string, error) {
	var answer struct {
		SHA256 string `json:"sha256"`
	}
	path := "/unix/paas/version/" + url.PathEscape(version) + "/checksum"
	if err := c.getJSON(ctx, path, query, &answer); err != nil {
		return "", err
	}
	sum := strings.ToLower(trim(answer.SHA256))
	if b, err := hex.DecodeString(sum); err != nil || len(b) != 32 {
		return "", c.unusable("without a SHA-256")
	}
	return sum, nil
}
