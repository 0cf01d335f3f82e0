package frontend

import (
	"errors"
	"fmt"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/gateway/client"
)

// currentFrontend returns the image that this frontend runs from. It is how the
// tools of build steps and the start helper reach a build without another image
// being pulled. A client has the method since BuildKit v0.10, but it is no part
// of its interface, and wrappers lose it.
func currentFrontend(c client.Client) (llb.State, error) {
	self, ok := c.(interface {
		CurrentFrontend() (*llb.State, error)
	})
	if !ok {
		return llb.State{}, errors.New("this client cannot tell the frontend its own image")
	}
	st, err := self.CurrentFrontend()
	if err != nil {
		return llb.State{}, fmt.Errorf("loading the frontend's own image: %w", err)
	}
	if st == nil {
		return llb.State{}, errors.New("the builder does not tell the frontend its own image: it needs BuildKit v0.10 (Docker Engine 23.0) or later, and the frontend has to run from its image")
	}
	return *st, nil
}
