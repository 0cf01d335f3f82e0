package verify

import (
	"fmt"

	"github.com/org/dt-frontend/integration/harness/buildx"
)

// app is a Dockerfile that leaves its planted value in its steps, its layers,
// its output and its history.
func (s *subject) app() string {
	return fmt.Sprintf(`# syntax=SYNTAX
FROM busybox:1.37-musl AS other
RUN mkdir /out && echo %[1]s | gzip > /out/packed.gz
FROM busybox:1.37-musl
ARG PLANTED
COPY --from=other /out /
RUN echo "$PLANTED, told" && echo "$PLANTED" > /layer-%[1]s
CMD ["true"]
`, s.planted)
}

// dockerfile is the file's name, which every build tells everybody.
func (s *subject) dockerfile() string { return "Dockerfile." + s.planted }

// request is a build that leaves the planted value even if it does not get far.
func (w *witness) request(s *subject) buildx.Request {
	return buildx.Request{
		Dockerfile: s.app(), Name: s.dockerfile(), Secrets: s.secrets, Env: w.daemon.Env(),
		Args: []string{"--progress=rawjson", "--build-arg", "PLANTED=" + s.planted, "--provenance=mode=max"},
	}
}
