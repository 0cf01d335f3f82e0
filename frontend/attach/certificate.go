package attach

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/moby/buildkit/frontend/gateway/client"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/app"
	"github.com/org/dt-frontend/frontend/detect"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/frontend/site"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
)

// trust returns how p's certificates get onto the app, below all other layers. If
// the build was given no certificates it returns nil, and the app keeps its own.
func (t Attacher) trust(ctx context.Context, p *payload.Payload, a *app.App, at site.Site, target ocispecs.Platform) (*dtllb.Certificate, error) {
	if p.Alone {
		return nil, nil
	}
	if p.CA == nil {
		return nil, t.trustOwn(ctx, p, a, at)
	}
	if at.Blocked != "" {
		return nil, &notice.Error{Message: fmt.Sprintf("%s in the image is a file; the agent reads the certificates of %s from %s, so it must be a directory",
			at.Blocked, agent.SecretAgentCA, agent.CustomCAPath)}
	}
	c := &dtllb.Certificate{Layer: dtllb.CertificateLayer(p.CA.Step), Merge: true, Replace: at.Occupied}
	if why := t.cannotMerge(at); why != "" {
		c.Merge = false
		if why != noMerge { // which the user is told of the agent
			t.Warnings.SendFor(ctx, target, "the certificates for the agent are copied into the image for %s, which takes a layer of its own: "+why)
		}
	}
	t.warnElsewhere(ctx, a)
	p.Labels[agent.LabelCA] = p.CA.Digest
	return c, nil
}

// warnElsewhere warns if the agent will not read the certificates.
func (t Attacher) warnElsewhere(ctx context.Context, a *app.App) {
	for _, e := range a.Image.Config.Env {
		dir, set := strings.CutPrefix(e, agent.VarConfigDir+"=")
		if read := agent.CustomCAIn(dir); set && read != agent.CustomCAPath {
			t.Warnings.Send(ctx, fmt.Sprintf("the image sets %s=%s: the agent reads certificates from %s, and not those of %s from %s; remove the variable from the Dockerfile",
				agent.VarConfigDir, dir, read, agent.SecretAgentCA, agent.CustomCAPath))
		}
	}
}

// maxCertificates bounds what is read of an app's own certificates, in bytes.
const maxCertificates = 1 << 20

// trustOwn names the certificates that the app has itself, from its base image
// or its Dockerfile, in the label.
func (t Attacher) trustOwn(ctx context.Context, p *payload.Payload, a *app.App, at site.Site) error {
	if !at.Occupied {
		return nil
	}
	built, err := a.Built.Wait(ctx)
	if err != nil {
		return err
	}
	st, err := detect.Stat(ctx, built, agent.CustomCAPath)
	if err != nil || !os.FileMode(st.GetMode()).IsRegular() || st.GetSize() > maxCertificates {
		return err
	}
	ref, err := t.Solver.Evaluate(ctx, a.State)
	if err != nil || ref == nil {
		return err
	}
	dt, err := ref.ReadFile(ctx, client.ReadRequest{Filename: agent.CustomCAPath})
	if err != nil {
		return fmt.Errorf("reading the certificates of the image: %w", err)
	}
	p.Labels[agent.LabelCA] = digest.FromBytes(dt).String()
	return nil
}
