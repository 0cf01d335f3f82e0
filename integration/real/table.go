package real

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/oneagent"
)

// What may come of a case. What an agent lacks is said in words.
const (
	ok     = "ok"
	failed = "FAILED"
	left   = "not tried"
)

// table is what people see in the end.
type table struct {
	agents []*oneagent.Agent

	mu    sync.Mutex
	cells map[[2]string]string // by agent and case
	sent  map[[2]string]string // by agent and run
}

func newTable(agents []*oneagent.Agent) *table {
	return &table{agents: agents, cells: map[[2]string]string{}, sent: map[[2]string]string{}}
}

// note sets what came of a case.
func (x *table) note(a *oneagent.Agent, name, what string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.cells[[2]string{a.Name, name}] = what
}

// noteSent sets what an agent sent in one run.
func (x *table) noteSent(a *oneagent.Agent, run string, e *endpoint) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.sent[[2]string{a.Name, run}] = e.summary()
}

// write writes the table where hack/test real looks for it.
func (x *table) write(t testing.TB) {
	text := x.text()
	t.Logf("\n%s", text)
	if name := os.Getenv(envTable); name != "" {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	}
}

func (x *table) text() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	names := []string{"what is done"}
	for _, a := range x.agents {
		names = append(names, a.Name)
	}
	rows := [][]string{names}
	for _, c := range cases {
		row := []string{c.name}
		for _, a := range x.agents {
			row = append(row, x.cells[[2]string{a.Name, c.name}])
		}
		rows = append(rows, row)
	}
	return columns(rows) + "\nWhat each agent sent, by its container:\n\n" + columns(x.runs())
}

func (x *table) runs() [][]string {
	rows := [][]string{{"agent", "container", "requests"}}
	for _, a := range x.agents {
		var own [][]string
		for key, what := range x.sent {
			if key[0] == a.Name {
				own = append(own, []string{a.Name, key[1], what})
			}
		}
		slices.SortFunc(own, func(a, b []string) int { return strings.Compare(a[1], b[1]) })
		rows = append(rows, own...)
	}
	return rows
}

// columns is a table in Markdown that people can read as it is.
func columns(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len(cell))
		}
	}
	var b strings.Builder
	for n, row := range rows {
		for i, cell := range row {
			fmt.Fprintf(&b, "| %-*s ", widths[i], cell)
		}
		b.WriteString("|\n")
		if n > 0 {
			continue
		}
		for _, w := range widths {
			b.WriteString("|" + strings.Repeat("-", w+2))
		}
		b.WriteString("|\n")
	}
	return b.String()
}
