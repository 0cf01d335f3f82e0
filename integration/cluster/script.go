package cluster

import (
	"bytes"
	_ "embed"
	"fmt"
	"net/url"
	"text/template"
)

//go:embed script.sh.tmpl
var scriptText string

var scriptTemplate = template.Must(template.New("script").Parse(scriptText))

// script is the head of a paas-sh installer; the archive follows its last line.
func (t *tree) script() ([]byte, error) {
	data := struct {
		Spec        Spec
		Fault       string
		Home        string // where a snooping script calls
		Host, Port  string
		Path        string
		PayloadLine int
		Known       []string // all values, in all forms
		Places      []toldPlace
	}{Spec: t.spec, Fault: string(t.fault)}
	if tells(t.fault) {
		data.Known, data.Places = t.environment.known(), t.environment.toldPlaces()
	}
	if t.fault == FaultSnoop {
		u, err := url.Parse(t.environment.base() + "/snoop")
		if err != nil {
			return nil, fmt.Errorf("reading the server's address: %w", err)
		}
		data.Home, data.Host, data.Port, data.Path = u.String(), u.Hostname(), u.Port(), u.Path
	}
	var b bytes.Buffer
	// Twice: how many lines there are does not depend on the number in them.
	for range 2 {
		data.PayloadLine = bytes.Count(b.Bytes(), []byte("\n")) + 1
		b.Reset()
		if err := scriptTemplate.Execute(&b, data); err != nil {
			return nil, fmt.Errorf("making the script: %w", err)
		}
	}
	return b.Bytes(), nil
}
