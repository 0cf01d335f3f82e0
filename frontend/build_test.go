package frontend

import (
	"testing"

	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/stretchr/testify/require"
)

func TestBuildOutlivesAPanic(t *testing.T) {
	_, err := Build(t.Context(), struct{ client.Client }{})
	require.ErrorContains(t, err, "dynatrace: internal error")
}
