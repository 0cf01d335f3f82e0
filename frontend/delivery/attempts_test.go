package delivery

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
	"github.com/stretchr/testify/require"
)

// tried is what one kind of step does.
type tried struct {
	after time.Duration // forever, if negative
	err   error
}

// kindOf names what steps are asked for.
func kindOf(s dtllb.Steps) string {
	switch {
	case s.Private:
		return "own"
	case s.NoCache:
		return "again"
	}
	return "shared"
}

// settle runs attempts whose steps do as each says, and returns which were run,
// which warnings there were, and how long it took.
func settle(t *testing.T, each map[string]tried) (runs, warnings []string, took time.Duration, err error) {
	t.Helper()
	started := time.Now()
	brought := &payload.Payload{}
	var mu sync.Mutex
	out, err := attempts{
		run: func(ctx context.Context, s dtllb.Steps) (*payload.Payload, error) {
			kind := kindOf(s)
			mu.Lock()
			runs = append(runs, kind)
			mu.Unlock()
			does, ok := each[kind]
			if !ok {
				return nil, errors.New("unexpected " + kind)
			}
			var end <-chan time.Time
			if does.after >= 0 {
				end = time.After(does.after)
			}
			select {
			case <-end:
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			}
			if does.err != nil {
				return nil, does.err
			}
			return brought, nil
		},
		patience: time.Minute,
		isOld:    func(at time.Time) bool { return !at.IsZero() },
		warn:     func(msg string) { warnings = append(warnings, msg) },
	}.settle(t.Context())
	mu.Lock()
	defer mu.Unlock()
	if err == nil {
		require.Same(t, brought, out)
	}
	return runs, warnings, time.Since(started), err
}

func TestAttempts(t *testing.T) {
	foreign := &notice.Error{Message: "foreign", Cause: agent.CauseForeign}
	plain := &notice.Error{Message: "the cluster is down"}
	sealed := &notice.Error{Message: "sealed", Cause: agent.CauseSealed}
	unread := &notice.Error{Message: "unread", Unread: true}
	old := &notice.Error{Message: "old", Downloaded: time.Now()}
	refused := errors.New("rpc error: a session refuses the secret")
	const held = -1
	for name, tt := range map[string]struct {
		each     map[string]tried
		runs     []string
		warnings int
		took     time.Duration
		err      error
	}{
		"it works":                      {map[string]tried{"shared": {}}, []string{"shared"}, 0, 0, nil},
		"it fails":                      {map[string]tried{"shared": {err: plain}}, []string{"shared"}, 0, 0, plain},
		"another build's secrets":       {map[string]tried{"shared": {err: foreign}, "own": {}}, []string{"shared", "own"}, 1, 0, nil},
		"a session refuses":             {map[string]tried{"shared": {err: refused}, "own": {}}, []string{"shared", "own"}, 0, 0, nil},
		"everything refuses":            {map[string]tried{"shared": {err: refused}, "own": {err: plain}}, []string{"shared", "own"}, 0, 0, plain},
		"foreign, then nothing is said": {map[string]tried{"shared": {err: foreign}, "own": {err: unread}}, []string{"shared", "own"}, 1, 0, foreign},
		"sealed once":                   {map[string]tried{"shared": {err: sealed}, "again": {}}, []string{"shared", "again"}, 0, 0, nil},
		"sealed twice":                  {map[string]tried{"shared": {err: sealed}, "again": {err: sealed}, "own": {}}, []string{"shared", "again", "own"}, 0, 0, nil},
		"an old download":               {map[string]tried{"shared": {err: old}, "again": {err: plain}}, []string{"shared", "again"}, 0, 0, plain},
		"foreign at the second":         {map[string]tried{"shared": {err: old}, "again": {err: foreign}, "own": {}}, []string{"shared", "again", "own"}, 1, 0, nil},
		"held for ever":                 {map[string]tried{"shared": {after: held}, "own": {after: time.Second}}, []string{"shared", "own"}, 1, 61 * time.Second, nil},
		"held, and it fails":            {map[string]tried{"shared": {after: held}, "own": {err: plain}}, []string{"shared", "own"}, 1, time.Minute, plain},
		"slow, and done first":          {map[string]tried{"shared": {after: 70 * time.Second}, "own": {after: time.Minute}}, []string{"shared", "own"}, 1, 70 * time.Second, nil},
		"slow, and fails":               {map[string]tried{"shared": {after: 70 * time.Second, err: foreign}, "own": {after: time.Minute}}, []string{"shared", "own"}, 1, 2 * time.Minute, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				runs, warnings, took, err := settle(t, tt.each)
				if tt.err == nil {
					require.NoError(t, err)
				} else {
					require.Equal(t, tt.err, err)
				}
				require.Equal(t, tt.runs, runs)
				require.Len(t, warnings, tt.warnings)
				require.Equal(t, tt.took, took)
			})
		})
	}
}

// TestAttempts_EndWithTheBuild: a build that is cancelled waits for no step, and
// begins none.
func TestAttempts_EndWithTheBuild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		gone := errors.New("gone")
		kinds := make(chan string, 3)
		a := attempts{
			run: func(ctx context.Context, s dtllb.Steps) (*payload.Payload, error) {
				kinds <- kindOf(s)
				<-ctx.Done()
				return nil, context.Cause(ctx)
			},
			patience: time.Minute,
			isOld:    func(time.Time) bool { return false },
			warn:     func(string) {},
		}
		time.AfterFunc(time.Second, func() { cancel(gone) })
		_, err := a.settle(ctx)
		require.ErrorIs(t, err, gone)
		synctest.Wait()
		require.Len(t, kinds, 1)
		require.Equal(t, "shared", <-kinds)
	})
}
