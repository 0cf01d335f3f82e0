package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEnvironment(t *testing.T) {
	t.Setenv("HANDED_ON", "from this process")
	var e environment
	require.NoError(t, e.Set("GIVEN=a=b"))
	require.NoError(t, e.Set("EMPTY="))
	require.NoError(t, e.Set("HANDED_ON"))
	require.Equal(t, environment{"GIVEN=a=b", "EMPTY=", "HANDED_ON=from this process"}, e)
	require.ErrorContains(t, e.Set("ABSENT_FROM_HERE"), "is not set")
}
