package solve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/gateway/client"
	gwpb "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/solver/errdefs"
	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
)

// Report reads what a step that always ends well says of itself: it warns as
// the step does, and returns its failure as an error.
func Report(ctx context.Context, ref client.Reference, warn func(string)) (agent.Report, error) {
	var report agent.Report
	if err := ReadJSON(ctx, ref, agent.ReportFile, &report); err != nil {
		return report, err
	}
	for _, w := range report.Warnings {
		warn(w)
	}
	if report.Failure != "" {
		return report, &notice.Error{Message: report.Failure, Cause: report.Cause}
	}
	return report, nil
}

// maxReport bounds what is read of a failed step's report, in bytes.
const maxReport = 64 << 10

// Failure turns the error of a failed build step of ours into what the step
// itself has to say. Its output never becomes a result, but the solver keeps it
// for those who debug: a container on it reads the report. Any other error is
// returned as it is.
func Failure(ctx context.Context, s Solver, tools llb.State, err error) error {
	mount, ok := failedOutput(err)
	if !ok {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	report := &agent.Report{}
	root, rerr := s.Lazy(ctx, tools)
	if rerr == nil {
		report, rerr = readReport(ctx, s.Client, root, mount)
	}
	if rerr != nil || report.Failure == "" {
		return &notice.Error{Message: "a build step " + howItEnded(err) + " and left no report; what it printed is in the build's log, which --progress=plain shows", Unread: true}
	}
	return &notice.Error{Message: report.Failure, Cause: report.Cause, Downloaded: report.Downloaded}
}

// howItEnded says how the process of a failed exec ended. The most that one can
// do without a report is to run out of memory or disk.
func howItEnded(err error) string {
	var exit *gwpb.ExitError
	if !errors.As(err, &exit) || exit.ExitCode == gwpb.UnknownExitStatus {
		return "could not be run"
	}
	if exit.ExitCode == 137 {
		return "was killed (exit code 137), as for want of memory,"
	}
	return fmt.Sprintf("failed (exit code %d), as for want of disk space,", exit.ExitCode)
}

// failedOutput returns the result id of the documents that a failed exec of
// dt-install left.
func failedOutput(err error) (string, bool) {
	var se *errdefs.SolveError
	if !errors.As(err, &se) || se.Op == nil {
		return "", false
	}
	exec, ok := se.Op.Op.(*pb.Op_Exec)
	if !ok || !slices.Contains(exec.Exec.Meta.Args, dtllb.InstallBin) {
		return "", false
	}
	for i, m := range exec.Exec.Mounts {
		if m.Dest == dtllb.OutPath && i < len(se.MountIDs) && se.MountIDs[i] != "" {
			return se.MountIDs[i], true
		}
	}
	return "", false
}

func readReport(ctx context.Context, c client.Client, root client.Reference, mount string) (*agent.Report, error) {
	ctr, err := c.NewContainer(ctx, client.NewContainerRequest{
		Mounts: []client.Mount{
			{Dest: "/", MountType: pb.MountType_BIND, Ref: root, Readonly: true},
			{Dest: dtllb.OutPath, MountType: pb.MountType_BIND, ResultID: mount, Readonly: true},
		},
		NetMode: pb.NetMode_NONE,
	})
	if err != nil {
		return nil, fmt.Errorf("opening the output of a failed step: %w", err)
	}
	defer ctr.Release(context.WithoutCancel(ctx))

	out := &boundedBuffer{max: maxReport}
	proc, err := ctr.Start(ctx, client.StartRequest{
		Args:   []string{"/bin/busybox", "cat", dtllb.OutPath + "/" + agent.ReportFile},
		Cwd:    "/",
		Stdout: out,
	})
	if err != nil {
		return nil, fmt.Errorf("reading the report of a failed step: %w", err)
	}
	if err := proc.Wait(); err != nil {
		return nil, fmt.Errorf("reading the report of a failed step: %w", err)
	}
	var report agent.Report
	if err := json.Unmarshal(out.buf.Bytes(), &report); err != nil {
		return nil, fmt.Errorf("decoding the report of a failed step: %w", err)
	}
	return &report, nil
}

// boundedBuffer keeps what is written to it until there is too much of it.
type boundedBuffer struct {
	buf bytes.Buffer
	max int
}

var _ io.WriteCloser = &boundedBuffer{}

// Write fails once more than max bytes have come.
func (b *boundedBuffer) Write(p []byte) (int, error) {
	if b.buf.Len()+len(p) > b.max {
		return 0, io.ErrShortBuffer
	}
	return b.buf.Write(p)
}

// Close does nothing.
func (b *boundedBuffer) Close() error { return nil }
