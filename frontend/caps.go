package frontend

import (
	"strings"

	"github.com/moby/buildkit/solver/errdefs"
	"github.com/moby/buildkit/util/grpcerrors"
	"google.golang.org/grpc/codes"
)

// capabilities are the frontend features that a client may ask for by the
// option "frontend.caps". The label moby.buildkit.frontend.caps of the frontend
// image lists the same.
var capabilities = map[string]struct{}{
	"moby.buildkit.frontend.inputs":         {},
	"moby.buildkit.frontend.subrequests":    {},
	"moby.buildkit.frontend.contexts":       {},
	"moby.buildkit.frontend.gitquerystring": {},
	"moby.buildkit.frontend.contexts.zstd":  {},
}

// validateCaps returns an error for the first feature in req, a list separated
// by commas, that this frontend lacks. The suffix +forward lets a frontend that
// hands on to another pass it by; this one never does.
func validateCaps(req string) error {
	if req == "" {
		return nil
	}
	for c := range strings.SplitSeq(req, ",") {
		name, _, _ := strings.Cut(c, "+")
		if _, ok := capabilities[name]; !ok {
			return grpcerrors.WrapCode(errdefs.NewUnsupportedFrontendCapError(name), codes.Unimplemented)
		}
	}
	return nil
}
