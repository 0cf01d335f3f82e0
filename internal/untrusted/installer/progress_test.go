package installer

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/org/dt-frontend/internal/untrusted/foreign"
)

// TestProgress looks once a second at an installer that gives a sign of life
// every so often, or none.
func TestProgress(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		see   func(second int) sample
		hangs int // the second in which it does, or 0
	}{
		"nothing":          {func(int) sample { return sample{} }, 60},
		"prints":           {func(s int) sample { return sample{output: int64(s / 50)} }, 0},
		"writes":           {func(s int) sample { return sample{size: foreign.Size{Bytes: int64(s / 50)}} }, 0},
		"changes":          {func(s int) sample { return sample{size: foreign.Size{Changed: unix.Timespec{Sec: int64(s / 50)}}} }, 0},
		"removes":          {func(s int) sample { return sample{size: foreign.Size{Entries: 1000 - s/50}} }, 0},
		"computes":         {func(s int) sample { return sample{busy: s%50 < 2} }, 0},
		"loops and sleeps": {func(s int) sample { return sample{busy: s%2 == 0} }, 60},
		"stops":            {func(s int) sample { return sample{output: int64(min(s, 100))} }, 160},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			p := &progress{limit: time.Minute, at: start}
			hung := 0
			for s := 1; s < 500 && hung == 0; s++ {
				if p.hangs(start.Add(time.Duration(s)*time.Second), tt.see(s)) {
					hung = s
				}
			}
			require.Equal(t, tt.hangs, hung)
		})
	}
}

// TestProgressOfAMachineThatSlept: nobody could have worked meanwhile.
func TestProgressOfAMachineThatSlept(t *testing.T) {
	t.Parallel()
	now := time.Now()
	p := &progress{limit: time.Minute, at: now}
	require.False(t, p.hangs(now.Add(24*time.Hour), sample{}))
}

// What hangs is ended, with what it has started.
func TestAnInstallerThatHangsIsEnded(t *testing.T) {
	for name, script := range map[string]string{
		"sleeps":       "echo so far; exec sleep 600",
		"waits":        "echo so far; sleep 600 & wait",
		"reads a pipe": `echo so far; mkfifo "$TMPDIR/p"; cat "$TMPDIR/p"`,
		"loops":        "echo so far; while :; do sleep 1; done",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := installCall(t, "#!/bin/sh\n"+makesAgent+script, Call{idle: 500 * time.Millisecond})
			var failed *Error
			require.ErrorAs(t, err, &failed)
			require.EqualError(t, err, "the installer hung: it gave no sign of life for 500ms")
			require.Equal(t, "so far", failed.LastLine())
			pids, err := children()
			require.NoError(t, err)
			require.Empty(t, pids)
		})
	}
}

// What works is not, however long it takes.
func TestAnInstallerThatWorksIsNotEnded(t *testing.T) {
	for name, step := range map[string]string{
		"prints":   "echo $i; sleep 0.3",
		"writes":   `echo $i >> "$1/dynatrace/oneagent/file"; sleep 0.3`,
		"computes": "n=0; while [ $n -lt 300000 ]; do n=$((n+1)); done",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := installCall(t, "#!/bin/sh\n"+makesAgent+"for i in 1 2 3 4 5 6 7 8 9 10; do "+step+"; done", Call{idle: time.Second})
			require.NoError(t, err)
		})
	}
}

// An installer that hung in one build ends sooner in the next one, which
// downloads again then.
func TestAnInstallerThatWasTriedEndsSooner(t *testing.T) {
	require.Equal(t, MaxIdle, Call{}.idleLimit())
	began := time.Now()
	_, err := installCall(t, "#!/bin/sh\n"+makesAgent+"sleep 300", Call{FailedBefore: true})
	require.EqualError(t, err, "the installer hung: it gave no sign of life for 10s")
	require.Less(t, time.Since(began), MaxIdle/2)
}
