package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/org/dt-frontend/internal/verify"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
)

// Ids of the rules that are no kinds of leaks.
const (
	rulePrefix          = "leak/"
	ruleNotInstrumented = "not-instrumented"
	ruleAgentLayer      = "other-agent-layer"
	ruleDiverts         = "diverts-tokens"
)

// informationURI is where people read what a result means.
const informationURI = "https://github.com/org/dt-frontend/blob/main/docs/dt-verify.md"

// SARIF writes r in version 2.1.0 of that format.
func SARIF(w io.Writer, r *verify.Report, version string) error {
	run := sarif.NewRunWithInformationURI("dt-verify", informationURI)
	run.Tool.Driver.WithVersion(version)
	for _, l := range r.Leaks {
		addLeak(run, r, l)
	}
	for _, p := range r.Platforms {
		addPlatform(run, r, p)
	}
	doc := sarif.NewReport()
	doc.AddRun(run)
	err := doc.PrettyWrite(w)
	if err == nil {
		_, err = fmt.Fprintln(w)
	}
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

func addLeak(run *sarif.Run, r *verify.Report, l verify.Leak) {
	rule := rulePrefix + strings.NewReplacer(" ", "-", "'", "").Replace(strings.ToLower(l.Kind))
	what := fmt.Sprintf("%s in an image", l.Kind)
	run.AddRule(rule).WithName(l.Kind).WithDescription(what)
	where := part(l)
	if p := locate(l); p != "" {
		where += ": " + p
	}
	message := fmt.Sprintf("%s (%s) in %s, %s", l.Kind, l.Form, r.Image, where)
	if len(l.Platforms) > 0 {
		message += " (" + strings.Join(l.Platforms, ", ") + ")"
	}
	file := l.Path
	if l.Layer == nil || file == "" {
		file = string(l.Part)
	}
	run.CreateResultForRule(rule).
		WithLevel(sarif.LevelError).
		WithMessage(sarif.NewTextMessage(message)).
		WithPartialFingerprints(map[string]string{"dtVerifyLeak/v1": fingerprint(string(l.Part), l.Path, l.Inside, l.Where, l.Kind, l.Form)}).
		AddLocation(location(file, r.Image+" "+where))
}

func addPlatform(run *sarif.Run, r *verify.Report, p verify.Platform) {
	add := func(rule, level, message string) {
		run.AddRule(rule).WithDescription(strings.ReplaceAll(rule, "-", " "))
		run.CreateResultForRule(rule).
			WithLevel(level).
			WithMessage(sarif.NewTextMessage(message)).
			WithPartialFingerprints(map[string]string{"dtVerifyPlatform/v1": fingerprint(rule, p.Platform, p.Tag)}).
			AddLocation(location(string(verify.PartConfig), strings.TrimSpace(r.Image+" "+p.Platform)))
	}
	image := strings.TrimSpace(r.Image + " " + p.Platform)
	if !p.Instrumented {
		add(ruleNotInstrumented, sarif.LevelWarning, image+" is not instrumented: "+p.Reason)
	}
	if len(p.Diverts) > 0 {
		add(ruleDiverts, sarif.LevelError, image+": "+strings.Join(p.Diverts, "; "))
	}
	if p.Wrong != "" {
		add(ruleAgentLayer, sarif.LevelError, image+": "+p.Wrong)
	}
}

// location is a file as code scanning wants it, and the part of the image.
func location(file, full string) *sarif.Location {
	uri := (&url.URL{Path: strings.TrimPrefix(file, "/")}).String()
	physical := sarif.NewPhysicalLocation().
		WithArtifactLocation(sarif.NewArtifactLocation().WithURI(uri)).
		WithRegion(sarif.NewRegion().WithStartLine(1))
	logical := sarif.NewLogicalLocation().WithFullyQualifiedName(full).WithKind("resource")
	return sarif.NewLocationWithPhysicalLocation(physical).WithLogicalLocations([]*sarif.LogicalLocation{logical})
}

// fingerprint tells results apart from one audit to the next. It is made of
// what the report says, so that it holds no value.
func fingerprint(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}
