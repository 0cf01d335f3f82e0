// Command compare shows which leaks in images are found by dt-verify and which
// by gitleaks. It makes the images of package leaky; gitleaks, which knows no
// images, is given all that is in them as plain files. It fails where dt-verify
// misses a leak, or finds one where there is none.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/org/dt-frontend/integration/standin/leaky"
)

func main() {
	var c comparison
	flag.StringVar(&c.dtVerify, "dt-verify", "dt-verify", "the `program`")
	flag.StringVar(&c.gitleaks, "gitleaks", "gitleaks", "the `program`")
	flag.Parse()
	if err := c.run(); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

// comparison is one in the making.
type comparison struct {
	dtVerify, gitleaks string
	dir, secrets       string
	// found counts the images whose leak is found, by tool.
	found [3]int
	wrong []string
}

func (c *comparison) run() (err error) {
	if c.dir, err = os.MkdirTemp("", "dt-verify-compare-"); err != nil {
		return err
	}
	defer os.RemoveAll(c.dir)
	s := leaky.NewSecrets()
	if err := c.writeSecrets(s); err != nil {
		return err
	}
	fmt.Println("| image | leak | dt-verify | dt-verify, values given | gitleaks |")
	fmt.Println("|---|---|---|---|---|")
	bad := leaky.Bad(s)
	for _, img := range bad {
		if err := c.row(img); err != nil {
			return err
		}
	}
	fmt.Printf("| **%d bad images** | | **%d** | **%d** | **%d** |\n", len(bad), c.found[0], c.found[1], c.found[2])
	c.found = [3]int{}
	good := leaky.Good()
	for _, img := range good {
		if err := c.row(img); err != nil {
			return err
		}
	}
	fmt.Printf("| **%d good images** | | **%d** | **%d** | **%d** |\n", len(good), c.found[0], c.found[1], c.found[2])
	if len(c.wrong) > 0 {
		return fmt.Errorf("dt-verify is wrong about %s", strings.Join(c.wrong, ", "))
	}
	return nil
}

func (c *comparison) writeSecrets(s leaky.Secrets) error {
	var b strings.Builder
	for id, value := range s.All() {
		fmt.Fprintf(&b, "%s=%s\n", id, value)
	}
	c.secrets = filepath.Join(c.dir, "secrets")
	return os.WriteFile(c.secrets, []byte(b.String()), 0o600)
}

// row compares one image.
func (c *comparison) row(img *leaky.Image) error {
	ref, err := img.Write(filepath.Join(c.dir, "images"))
	if err != nil {
		return err
	}
	plain := filepath.Join(c.dir, "plain", img.Name)
	if err := img.Unpack(plain); err != nil {
		return err
	}
	var cells [3]string
	for i, ask := range []func() (string, error){
		func() (string, error) { return c.askDtVerify(ref) },
		func() (string, error) { return c.askDtVerify(ref, "--secret-file", c.secrets) },
		func() (string, error) { return c.askGitleaks(plain) },
	} {
		if cells[i], err = ask(); err != nil {
			return err
		}
		if cells[i] != "" {
			c.found[i]++
		}
	}
	// Nobody can find by its form what has none.
	if (cells[0] != "") != (img.Leak != "" && !img.NeedsValue) || (cells[1] != "") != (img.Leak != "") {
		c.wrong = append(c.wrong, img.Name)
	}
	leak := img.Leak
	if leak == "" {
		leak = "none"
	}
	fmt.Printf("| %s | %s | %s |\n", strings.ReplaceAll(img.Name, "-", " "), leak, strings.Join(cells[:], " | "))
	return nil
}

// askDtVerify returns what it found, if anything.
func (c *comparison) askDtVerify(ref string, args ...string) (string, error) {
	out, err := output(c.dtVerify, append(args, "--format=json", ref)...)
	if err != nil {
		return "", err
	}
	var report struct {
		Leaks []struct {
			Kind string
		}
	}
	if err := json.Unmarshal(out, &report); err != nil {
		return "", fmt.Errorf("reading what dt-verify says: %w", err)
	}
	var found []string
	for _, l := range report.Leaks {
		found = append(found, l.Kind)
	}
	return set(found), nil
}

// askGitleaks returns which of its rules found something, if any. It is asked to
// look into archives, which it does not by default.
func (c *comparison) askGitleaks(dir string) (string, error) {
	out, err := output(c.gitleaks, "dir", "--no-banner", "--log-level=error", "--redact", "--max-archive-depth=2",
		"--report-format=json", "--report-path=-", dir)
	if err != nil {
		return "", err
	}
	var report []struct{ RuleID string }
	if err := json.Unmarshal(out, &report); err != nil {
		return "", fmt.Errorf("reading what gitleaks says: %w", err)
	}
	var found []string
	for _, l := range report {
		found = append(found, l.RuleID)
	}
	return set(found), nil
}

// set joins what differs.
func set(words []string) string {
	slices.Sort(words)
	return strings.Join(slices.Compact(words), ", ")
}

// output returns what a tool prints. With both, 1 says that something was found,
// and with dt-verify 2 that an image is not instrumented.
func output(name string, args ...string) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && (exit.ExitCode() == 1 || exit.ExitCode() == 2) && stdout.Len() > 0 {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("running %s: %w: %s", name, err, stderr.String())
	}
	return stdout.Bytes(), nil
}
