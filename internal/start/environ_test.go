package start

import (
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

func TestStorage(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		dirs    []string
		env     []string
		storage string
		level   string
	}{
		{name: "the agent's own", dirs: []string{agent.Dir + "/log", "/tmp"}},
		{name: "TMPDIR", dirs: []string{"/mine", "/tmp"}, env: []string{"TMPDIR=/mine"}, storage: "/mine"},
		{name: "logging elsewhere is another matter", dirs: []string{"/tmp"}, env: []string{"DT_LOGSTREAM=stdout"}, storage: "/tmp"},
		{name: "TMPDIR missing", dirs: []string{"/tmp"}, env: []string{"TMPDIR=/none"}, storage: "/tmp"},
		{name: "shared memory", dirs: []string{"/dev/shm"}, storage: "/dev/shm"},
		{name: "none", level: "none"},
		{name: "none, and a level", env: []string{"DT_LOGLEVELFILE=debug"}, level: "debug"},
		{name: "a level, and a place", dirs: []string{"/tmp"}, env: []string{"DT_LOGLEVELFILE=debug"}, storage: "/tmp", level: "debug"},
		{name: "set", dirs: []string{"/tmp"}, env: []string{"DT_STORAGE=/my"}, storage: "/my"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t).agentVariables().set(tc.env...)
			delete(f.files.MapFS, agent.Dir+"/log"[1:])
			f.files.put(agent.Dir+"/log", 0o555|1<<31, "")
			for _, d := range tc.dirs {
				f.files.put(d, 0o777|1<<31, "")
			}
			env := newEnviron(f.make(t).Env)
			require.Equal(t, tc.storage, env.get("DT_STORAGE"))
			require.Equal(t, tc.level, env.get("DT_LOGLEVELFILE"))
			for _, name := range []string{"DT_LOGDIR", "DT_DATASTORAGE"} {
				require.Empty(t, env.get(name), "no agent heeds it")
			}
		})
	}
}

func TestEnviron(t *testing.T) {
	t.Parallel()
	e := newEnviron([]string{"A=1", "B=2", "A=3", "AB=4", "odd", "C="})
	require.Equal(t, "1", e.get("A"))
	e.set("A", "5")
	e.preset("C", "6")
	e.preset("D", "7")
	e.unset("B")
	require.Equal(t, []string{"A=5", "AB=4", "odd", "C=", "D=7"}, e.list())
}
