package start

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/org/dt-frontend/internal/scan"
)

// Diagnosis is what a start would do, for whoever wonders why it does not do
// what it should. It holds no secret, and no address of a cluster.
type Diagnosis struct {
	// Monitored says that the agent would get into the app, and report.
	Monitored bool `json:"monitored"`
	// Exit is the exit code of a start that would not start the app.
	Exit int `json:"exit,omitempty"`
	// Mode is the image's.
	Mode string `json:"mode,omitempty"`
	// Version, Flavor, Arch and Include are the agent's; Dir is its folder.
	Version string   `json:"version,omitempty"`
	Flavor  string   `json:"flavor,omitempty"`
	Arch    string   `json:"arch,omitempty"`
	Include []string `json:"include,omitempty"`
	Dir     string   `json:"dir,omitempty"`
	// InPlace says that Dir holds the agent.
	InPlace bool `json:"inPlace"`
	// CA is the file with certificates that the agent checks its servers with;
	// empty where it has none, and trusts every server.
	CA string `json:"ca,omitempty"`
	// App is the file that would be executed, Libc what it is linked against
	// or, without one, what the root file system has.
	App  string `json:"app,omitempty"`
	Libc string `json:"libc,omitempty"`
	// Source is where the communication details are from.
	Source string `json:"source,omitempty"`
	// Cluster is nil where it was not asked.
	Cluster *Answer `json:"cluster,omitempty"`
	// Listed says whether the environment still offers the version; it is nil
	// where that could not be asked for. Target is the environment's own.
	Listed *bool  `json:"listed,omitempty"`
	Target string `json:"target,omitempty"`
	// Missing is what keeps the app from being monitored, Notes what does not.
	Missing []string `json:"missing"`
	Notes   []string `json:"notes,omitempty"`

	// secrets are hidden in what is printed.
	secrets *scan.Redactor
}

// Answer is how a cluster answered.
type Answer struct {
	Answered     bool    `json:"answered"`
	Milliseconds float64 `json:"milliseconds"`
}

func answered(began time.Time, err error) *Answer {
	return &Answer{Answered: err == nil, Milliseconds: float64(time.Since(began).Microseconds()) / 1000}
}

// addMissing adds what is missing, each once.
func (d *Diagnosis) addMissing(err error) {
	if err == nil {
		return
	}
	if text := d.secrets.Line(err.Error()); !slices.Contains(d.Missing, text) {
		d.Missing = append(d.Missing, text)
	}
}

func (d *Diagnosis) note(format string, args ...any) {
	d.Notes = append(d.Notes, d.secrets.Line(fmt.Sprintf(format, args...)))
}

// WriteJSON prints it for a machine.
func (d *Diagnosis) WriteJSON(w io.Writer) error {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false) // < and > stand around what is hidden
	if err := enc.Encode(d); err != nil {
		return fmt.Errorf("encoding the diagnosis: %w", err)
	}
	_, err := io.WriteString(w, d.secrets.Text(b.String()))
	return err
}
