package solve

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/gateway/client"
	gwpb "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/solver/errdefs"
	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// morgue is a builder that has the output of a failed step.
type morgue struct {
	recorder
	report   string
	broken   map[string]error // by what of the container fails
	asked    client.NewContainerRequest
	started  client.StartRequest
	released int
}

func (m *morgue) NewContainer(_ context.Context, req client.NewContainerRequest) (client.Container, error) {
	m.asked = req
	return &container{m: m}, m.broken["open"]
}

type container struct {
	client.Container
	m *morgue
}

func (c *container) Release(ctx context.Context) error {
	c.m.released++
	return ctx.Err()
}

func (c *container) Start(_ context.Context, req client.StartRequest) (client.ContainerProcess, error) {
	c.m.started = req
	if _, err := io.WriteString(req.Stdout, c.m.report); err != nil {
		return nil, err
	}
	if err := c.m.broken["start"]; err != nil {
		return nil, err
	}
	return process{err: c.m.broken["wait"]}, nil
}

type process struct {
	client.ContainerProcess
	err error
}

func (p process) Wait() error { return p.err }

// failed is the error of a step with a program and mounts.
func failed(cause error, program string, ids []string, dests ...string) error {
	exec := &pb.ExecOp{Meta: &pb.Meta{Args: []string{program, "install"}}}
	for _, dest := range dests {
		exec.Mounts = append(exec.Mounts, &pb.Mount{Dest: dest})
	}
	return &errdefs.SolveError{Err: cause, Solve: &errdefs.Solve{MountIDs: ids, Op: &pb.Op{Op: &pb.Op_Exec{Exec: exec}}}}
}

func exit(code uint32) error { return &gwpb.ExitError{ExitCode: code, Err: errors.New("exit")} }

func reportOf(t *testing.T, r agent.Report) string {
	t.Helper()
	dt, err := json.Marshal(r)
	require.NoError(t, err)
	return string(dt)
}

func TestFailure_SaysWhatTheStepSays(t *testing.T) {
	downloaded := time.Unix(1700000000, 0).UTC()
	m := &morgue{report: reportOf(t, agent.Report{Failure: "the pin differs", Cause: agent.CausePin, Downloaded: downloaded})}
	err := Failure(t.Context(), Solver{Client: m}, llb.Scratch(), failed(exit(1), "/bin/dt-install", []string{"root", "documents"}, "/", "/out"))
	require.Equal(t, &notice.Error{Message: "the pin differs", Cause: agent.CausePin, Downloaded: downloaded}, err)

	require.Len(t, m.asked.Mounts, 2)
	require.Equal(t, []string{"/", "/out"}, []string{m.asked.Mounts[0].Dest, m.asked.Mounts[1].Dest})
	require.Equal(t, "documents", m.asked.Mounts[1].ResultID)
	for _, mount := range m.asked.Mounts {
		require.True(t, mount.Readonly)
		require.Equal(t, pb.MountType_BIND, mount.MountType)
	}
	require.Equal(t, pb.NetMode_NONE, m.asked.NetMode)
	require.Equal(t, []string{"/bin/busybox", "cat", "/out/report.json"}, m.started.Args)
	require.Equal(t, "/", m.started.Cwd)
	require.Equal(t, 1, m.released)
}

func TestFailure_SaysHowAStepEndedThatLeftNoReport(t *testing.T) {
	broken := errors.New("broken")
	whole := reportOf(t, agent.Report{Failure: "the pin differs"})
	for name, tt := range map[string]struct {
		m     *morgue
		cause error
		want  string
	}{
		"no failure":         {&morgue{report: `{}`}, exit(1), "failed (exit code 1), as for want of disk space,"},
		"no JSON":            {&morgue{report: "{"}, exit(1), "failed (exit code 1)"},
		"killed":             {&morgue{}, exit(137), "was killed (exit code 137), as for want of memory,"},
		"not run":            {&morgue{}, exit(gwpb.UnknownExitStatus), "could not be run"},
		"no exit":            {&morgue{}, broken, "could not be run"},
		"no container":       {&morgue{report: whole, broken: map[string]error{"open": broken}}, exit(1), "failed (exit code 1)"},
		"no process":         {&morgue{report: whole, broken: map[string]error{"start": broken}}, exit(1), "failed (exit code 1)"},
		"no end":             {&morgue{report: whole, broken: map[string]error{"wait": broken}}, exit(1), "failed (exit code 1)"},
		"no tools":           {&morgue{report: whole, recorder: recorder{err: broken}}, exit(1), "failed (exit code 1)"},
		"too long a report":  {&morgue{report: reportOf(t, agent.Report{Failure: strings.Repeat("a", 64<<10)})}, exit(1), "failed (exit code 1)"},
		"another report":     {&morgue{report: `{"failure":"the pin differs","warnings":3}`}, exit(1), "failed (exit code 1)"},
		"a report too short": {&morgue{report: whole[:len(whole)-1]}, exit(2), "failed (exit code 2)"},
	} {
		t.Run(name, func(t *testing.T) {
			err := Failure(t.Context(), Solver{Client: tt.m}, llb.Scratch(), failed(tt.cause, "/bin/dt-install", []string{"id"}, "/out"))
			var got *notice.Error
			require.ErrorAs(t, err, &got)
			require.True(t, got.Unread)
			require.True(t, strings.HasPrefix(got.Message, "a build step "+tt.want), got.Message)
			require.Contains(t, got.Message, "left no report; what it printed is in the build's log, which --progress=plain shows")
		})
	}
}

func TestFailure_EndsWithTheBuild(t *testing.T) {
	cause := errors.New("another platform failed")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	m := &morgue{report: reportOf(t, agent.Report{Failure: "the pin differs"})}
	require.Equal(t, cause, Failure(ctx, Solver{Client: m}, llb.Scratch(), failed(exit(1), "/bin/dt-install", []string{"id"}, "/out")))
	require.Zero(t, m.released)
}

func TestFailure_ReturnsAnyOtherErrorAsItIs(t *testing.T) {
	for name, err := range map[string]error{
		"the app's step":       failed(exit(1), "/bin/app", []string{"id"}, "/out"),
		"no documents":         failed(exit(1), "/bin/dt-install", []string{"id"}, "/"),
		"documents not mapped": failed(exit(1), "/bin/dt-install", []string{"id"}, "/", "/out"),
		"documents not kept":   failed(exit(1), "/bin/dt-install", []string{""}, "/out"),
		"no operation":         &errdefs.SolveError{Err: exit(1), Solve: &errdefs.Solve{}},
		"another operation":    &errdefs.SolveError{Err: exit(1), Solve: &errdefs.Solve{Op: &pb.Op{Op: &pb.Op_File{}}}},
	} {
		m := &morgue{report: `{"failure":"x"}`}
		require.Equal(t, err, Failure(t.Context(), Solver{Client: m}, llb.Scratch(), err), name)
	}
}

func TestFailure_ReadsAReportOfTheLargestSize(t *testing.T) {
	empty := reportOf(t, agent.Report{Failure: "a"})
	text := strings.Repeat("a", 64<<10-len(empty)+1)
	m := &morgue{report: reportOf(t, agent.Report{Failure: text})}
	require.Len(t, m.report, 64<<10)
	err := Failure(t.Context(), Solver{Client: m}, llb.Scratch(), failed(exit(1), "/bin/dt-install", []string{"id"}, "/out"))
	require.Equal(t, &notice.Error{Message: text}, err)
}
