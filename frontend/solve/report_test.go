package solve

import (
	"errors"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/stretchr/testify/require"
)

func TestOnlyOurStepsHaveReports(t *testing.T) {
	err := errors.New("process failed")
	_, ok := failedOutput(err)
	require.False(t, ok)
	require.Equal(t, err, Failure(t.Context(), Solver{}, llb.Scratch(), err))
}

func TestBoundedBuffer(t *testing.T) {
	b := &boundedBuffer{max: 4}
	_, err := b.Write([]byte("abcd"))
	require.NoError(t, err)
	_, err = b.Write([]byte("e"))
	require.Error(t, err)
}
