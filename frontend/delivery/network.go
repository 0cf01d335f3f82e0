package delivery

import (
	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/frontend/notice"
)

// requireNetwork returns an error for a build whose steps have no network.
func requireNetwork(mode pb.NetMode) error {
	if mode != pb.NetMode_NONE {
		return nil
	}
	return &notice.Error{Message: "--network=none leaves no way to the cluster, from which the agent comes: " +
		"leave the option out and keep steps of the app off the network by RUN --network=none, or say mode=runtime, which installs the agent when the container starts"}
}
