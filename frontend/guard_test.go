package frontend

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGuardTurnsAPanicIntoAnError(t *testing.T) {
	err := guard(func() error { panic("boom") })()
	require.ErrorContains(t, err, "dynatrace: internal error: boom")
	require.NotContains(t, err.Error(), "goroutine")
	require.NoError(t, guard(func() error { return nil })())
}
