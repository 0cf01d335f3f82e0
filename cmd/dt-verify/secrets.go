package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/links"
	"github.com/org/dt-frontend/internal/agent/variable"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/scan/value"
)

// maxSecrets bounds a file of secrets, in bytes: it is what BuildKit lets a
// secret have.
const maxSecrets = 500 << 10

// id is the name of a secret. A path has a dot or a slash.
var id = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// addSecretFile takes ID=FILE, or a file of lines ID=VALUE.
func (o *options) addSecretFile(arg string) error {
	if name, file, ok := strings.Cut(arg, "="); ok && id.MatchString(name) {
		text, err := readSecret(file)
		if err != nil {
			return err
		}
		return o.addValue(name, text)
	}
	text, err := readSecret(arg)
	if err != nil {
		return err
	}
	// An editor may have put a byte order mark in front of the first line.
	if text, err = value.Any("the file of secrets", text); err != nil {
		return err
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, quoted, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		if !ok || !id.MatchString(strings.TrimSpace(name)) {
			// The line is not shown: it may be a secret.
			return fmt.Errorf("line %d of the file is not ID=VALUE; a file of one value is given as ID=FILE", n)
		}
		if err := o.addValue(strings.TrimSpace(name), strings.Trim(strings.TrimSpace(quoted), `"'`)); err != nil {
			return err
		}
	}
	return nil
}

// readSecret reads a file. Its name is in no error: it may be a value by
// mistake.
func readSecret(name string) (string, error) {
	f, err := os.Open(name)
	var perr *fs.PathError
	if errors.As(err, &perr) {
		return "", fmt.Errorf("the file that was given: %w", perr.Err)
	}
	if err != nil {
		return "", errors.New("the file that was given cannot be opened")
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSecrets+1))
	if err == nil && len(text) > maxSecrets {
		err = fmt.Errorf("the file has more than %d bytes", maxSecrets)
	}
	return string(text), err
}

// addSecretEnv takes the values of variables. One that is not set is an error:
// it would be thought to have been looked for.
func (o *options) addSecretEnv(names string, getenv func(string) string) error {
	for name := range strings.SplitSeq(names, ",") {
		name = strings.TrimSpace(name)
		if !id.MatchString(name) {
			// It may be a value by mistake.
			return errors.New("it takes names of variables, and no values")
		}
		if err := o.addValue(name, getenv(name)); err != nil {
			return err
		}
	}
	return nil
}

// addValue makes a value something to look for. Addresses are looked for in
// their parts, too.
func (o *options) addValue(name, raw string) error {
	kind := variable.KindOf(name)
	read := value.Any
	switch {
	case kind.IsLink() || kind == links.Proxy:
		// A value in quotes would be looked for with its quotes, and not be found.
		read = value.Read
	default:
		kind = links.Kind("secret " + name)
	}
	text, err := read(name, raw)
	if err != nil {
		return err
	}
	if text == "" {
		return fmt.Errorf("the secret %s is empty", name)
	}
	parts := []string{text}
	if kind == links.Endpoint {
		parts = agent.Endpoints(text)
	}
	if len(parts) == 0 {
		return fmt.Errorf("the secret %s names no endpoint", name)
	}
	for _, p := range parts {
		o.values = append(o.values, links.Link{Kind: kind, Value: p}.Values()...)
	}
	return nil
}

// hide returns an error without the values that were given.
func (o *options) hide(err error) string {
	return scan.NewRedactor(o.values...).Line(err.Error())
}
