package start

import (
	"encoding/json"
	"io"

	"github.com/org/dt-frontend/internal/scan"
)

// Log is what a start says, a line for each matter.
type Log struct {
	lines  []line
	format format
	// secrets are hidden in every line, as is all that looks like an API token.
	secrets *scan.Redactor
}

type line struct {
	level level
	text  string
}

type level int

const (
	levelDebug level = iota
	levelInfo
	levelWarn
	levelError
)

// String returns the level's name in JSON.
func (l level) String() string {
	return [...]string{levelDebug: "debug", levelInfo: "info", levelWarn: "warn", levelError: "error"}[l]
}

type format int

const (
	formatText format = iota
	formatDebug
	formatJSON
	formatOff
)

func (l *Log) add(level level, text string) {
	l.lines = append(l.lines, line{level, l.secrets.Line(text)})
}

// debug is add for what is rarely printed.
func (l *Log) debug(text string) {
	if l.format == formatDebug {
		l.add(levelDebug, text)
	}
}

// Write prints the lines. Nothing is printed where that is switched off, but
// why nothing was started.
func (l *Log) Write(w io.Writer) {
	for _, one := range l.lines {
		switch {
		case l.format == formatOff && one.level < levelError:
		case l.format == formatJSON:
			enc := json.NewEncoder(w)
			enc.SetEscapeHTML(false) // < and > stand around what is hidden
			_ = enc.Encode(struct {
				Level   string `json:"level"`
				Logger  string `json:"logger"`
				Message string `json:"message"`
			}{one.level.String(), "dt-start", one.text})
		default:
			// One write, so that lines of other processes do not mix in.
			_, _ = io.WriteString(w, "dt-start: "+one.text+"\n")
		}
	}
	l.lines = nil
}
