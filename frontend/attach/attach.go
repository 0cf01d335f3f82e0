package attach

import (
	"context"
	"strings"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/app"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/frontend/site"
	dtllb "github.com/org/dt-frontend/llb"
)

// Decide decides how the layers of load get onto an app, whose files have at where
// the layers go. It completes load: it leaves out what the app has already, and adds
// the label of the certificates.
func (t Attacher) Decide(ctx context.Context, a *app.App, load *payload.Payload, at site.Sites, target ocispecs.Platform) (how dtllb.Attachment, err error) {
	how = t.attachment(ctx, at.Agent, target)
	if how.Certificate, err = t.trust(ctx, load, a, at.CA, target); err != nil {
		return how, err
	}
	if err := shareBase(ctx, a, load, &how); err != nil {
		return how, err
	}
	how.Leftovers = t.warnLeftovers(ctx, at.Leftovers, target)
	return how, nil
}

// attachment decides how the agent gets onto the app, and says so where images
// will not share it.
func (t Attacher) attachment(ctx context.Context, at site.Site, target ocispecs.Platform) dtllb.Attachment {
	how := dtllb.Attachment{Merge: true, Replace: at.Occupied}
	if why := t.cannotMerge(at); why != "" {
		how.Merge = false
		t.Warnings.SendFor(ctx, target, "the agent is copied into the image for %s, which takes a layer of its own: "+why)
	}
	return how
}

// warnLeftovers says what the build takes out of the image, and returns it.
func (t Attacher) warnLeftovers(ctx context.Context, left []string, target ocispecs.Platform) []string {
	if len(left) > 0 {
		t.Warnings.SendFor(ctx, target, "an agent ran in the image for %s before it was finished and left files that the next agent would use: the build removes "+
			strings.Join(left, ", "))
	}
	return left
}
