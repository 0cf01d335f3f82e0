package task

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWait_ReturnsTheOutcome(t *testing.T) {
	failure := errors.New("it failed")
	got, err := Begin(func() (string, error) { return "half", failure }).Wait(t.Context())
	require.Equal(t, "half", got)
	require.Equal(t, failure, err)
	got, err = Begin(func() (string, error) { return "whole", nil }).Wait(t.Context())
	require.NoError(t, err)
	require.Equal(t, "whole", got)
}

func TestWait_TurnsAPanicIntoAnError(t *testing.T) {
	_, err := Begin(func() (int, error) { panic("boom") }).Wait(t.Context())
	require.ErrorContains(t, err, "internal error: boom")
}

func TestWait_EndsWithTheContext(t *testing.T) {
	cause := errors.New("another platform failed")
	ctx, cancel := context.WithCancelCause(t.Context())
	release := make(chan struct{})
	task := Begin(func() (int, error) { <-release; return 7, nil })
	cancel(cause)
	got, err := task.Wait(ctx)
	require.Equal(t, cause, err)
	require.Zero(t, got)
	close(release)
	<-task.Done
	require.Equal(t, 7, task.Value, "the work goes on for those who still wait")
}
