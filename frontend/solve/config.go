package solve

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/util/flightcontrol"
	digest "github.com/opencontainers/go-digest"
)

// ImageConfigs asks for each image's config once in a build, however many
// platforms and stages name it.
type ImageConfigs struct {
	client.Client
	group flightcontrol.CachedGroup[imageConfig]
}

type imageConfig struct {
	ref    string
	digest digest.Digest
	config []byte
}

var _ client.Client = &ImageConfigs{}

// CacheImageConfigs returns c with a cache of its images' configs.
func CacheImageConfigs(c client.Client) *ImageConfigs {
	rc := &ImageConfigs{Client: c}
	rc.group.CacheError = true
	return rc
}

// ResolveImageConfig is the client's own, cached by all of its arguments.
func (c *ImageConfigs) ResolveImageConfig(ctx context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	key, err := json.Marshal(opt)
	if err != nil {
		return "", "", nil, fmt.Errorf("encoding options of %s: %w", ref, err)
	}
	res, err := c.group.Do(ctx, ref+" "+string(key), func(ctx context.Context) (imageConfig, error) {
		ref, dgst, cfg, err := c.Client.ResolveImageConfig(ctx, ref, opt)
		return imageConfig{ref, dgst, cfg}, err
	})
	return res.ref, res.digest, res.config, err
}
