package cluster

import (
	"bytes"
	_ "embed"
	"fmt"
	"net/url"
	"text/template"

	"github.com/org/dt-frontend/internal/agent"
)

//go:embed script.sh.tmpl
var scriptText string

var scriptTemplate = template.Must(template.New("script").Parse(scriptText))

// fill is how much [FaultFillsDisk] writes at most: more than any agent has.
const (
	fill  = 8 << 30
	piece = 16 << 20
)

// machines are what uname -m says.
var machines = map[agent.Arch]string{
	agent.ArchX86: "x86_64", agent.ArchARM: "aarch64", agent.ArchPPCLE: "ppc64le", agent.ArchS390: "s390x",
}

// shebang is the program that a script says it is for.
func shebang(fault FaultKind) string {
	switch fault {
	case FaultBashSyntax, FaultBashChecked, ScriptNamesBash:
		return "/bin/bash"
	case FaultBashByEnv:
		return "/usr/bin/env bash"
	default:
		return "/bin/sh"
	}
}

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
		Places      []plantedSecret
		Shebang     string
		Machine     string // as uname calls it
		Outside     string
		Piece       int // of what fills the disk
		Pieces      int
	}{
		Spec: t.spec, Fault: string(t.fault), Shebang: shebang(t.fault), Machine: machines[t.spec.Arch],
		Outside: Outside, Piece: piece, Pieces: fill / piece,
	}
	if leaksSecrets(t.fault) {
		data.Known, data.Places = t.environment.known(), t.environment.plantedSecrets()
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
