package start

import (
	"fmt"
	"io"
	"strings"
)

// WriteText prints it for a person.
func (d *Diagnosis) WriteText(w io.Writer) error {
	var b strings.Builder
	row := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&b, "%-10s %s\n", name, text)
		}
	}
	row("image", d.imageText())
	row("agent", d.agentText())
	row("folder", d.folderText())
	row("ca", d.CA)
	row("app", d.App)
	row("libc", d.Libc)
	row("details", d.Source)
	row("cluster", d.clusterText())
	row("version", d.versionText())
	for _, s := range d.Notes {
		row("note", s)
	}
	for _, s := range d.Missing {
		row("missing", s)
	}
	b.WriteString("\n")
	switch {
	case d.Monitored:
		b.WriteString("The app would be monitored.\n")
	case d.Exit != 0:
		fmt.Fprintf(&b, "The app would not be started: exit code %d.\n", d.Exit)
	default:
		b.WriteString("The app would run unmonitored.\n")
	}
	_, err := io.WriteString(w, d.secrets.Text(b.String()))
	return err
}

func (d *Diagnosis) imageText() string {
	if d.Mode == "" {
		return ""
	}
	return "mode " + d.Mode
}

func (d *Diagnosis) agentText() string {
	if d.Arch == "" {
		return ""
	}
	text := "OneAgent"
	if d.Version != "" {
		text += " " + d.Version
	}
	text += fmt.Sprintf(" (%s, %s", d.Flavor, d.Arch)
	if len(d.Include) > 0 {
		text += ", " + strings.Join(d.Include, " ")
	}
	return text + ")"
}

func (d *Diagnosis) folderText() string {
	if d.Dir == "" || d.InPlace {
		return d.Dir
	}
	return d.Dir + ", where it would be installed"
}

func (d *Diagnosis) clusterText() string {
	switch {
	case d.Cluster == nil:
		return ""
	case d.Cluster.Answered:
		return fmt.Sprintf("answered in %.0f ms", d.Cluster.Milliseconds)
	}
	return fmt.Sprintf("gave no usable answer in %.0f ms", d.Cluster.Milliseconds)
}

func (d *Diagnosis) versionText() string {
	var parts []string
	if d.Listed != nil {
		if *d.Listed {
			parts = append(parts, "still listed by the environment")
		} else {
			parts = append(parts, "no longer listed by the environment")
		}
	}
	if d.Target != "" {
		parts = append(parts, "the environment's target version is "+d.Target)
	}
	return strings.Join(parts, "; ")
}
