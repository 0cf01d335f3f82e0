package fetch

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/secret"
)

// Way is how a build step reaches the network, apart from its secrets. BuildKit
// keeps all of it out of its cache keys.
type Way struct {
	// Hosts is the content of the hosts file. In a build step it is BuildKit's
	// own lines and the hosts that the user added.
	Hosts string
	// Proxies are the proxy variables, as NAME=value, in a fixed order.
	Proxies []string
}

// proxyVariables are those that Go's HTTP client and BuildKit know.
var proxyVariables = []string{"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"}

// CurrentWay describes the process's own way to the network. It returns
// [ErrRecorded] for one that nothing must be asked by.
func CurrentWay() (Way, error) {
	// An image without certificates has none of BuildKit's.
	if bundle, err := os.ReadFile(certificates); err == nil && isRecorded(bundle) {
		return Way{}, ErrRecorded
	}
	hosts, err := os.ReadFile("/etc/hosts")
	if err != nil && !os.IsNotExist(err) {
		return Way{}, fmt.Errorf("reading the hosts file: %w", err)
	}
	w := Way{Hosts: string(hosts)}
	for _, name := range proxyVariables {
		for _, n := range []string{name, strings.ToLower(name)} {
			w.Proxies = append(w.Proxies, n+"="+os.Getenv(n))
		}
	}
	return w, nil
}

// ErrForeign says that a step was given another environment's answer.
var ErrForeign = errors.New("this step was given what the cluster answered to another environment, or by another way")

// Verify returns [ErrForeign] unless resolved is what the cluster answered to
// these secrets by this way.
//
// The fingerprint is no secret: it lies in builders' storage and in exported
// caches. Whoever knows it could put it before a step with secrets of his own,
// and have the step's result cached as the other's. So no step works for a
// fingerprint that its own secrets do not give.
func (w Way) Verify(resolved agent.Resolved, secrets secret.Set, tenantToken string) error {
	own, err := w.fingerprint(secrets, tenantToken)
	if err != nil {
		return err
	}
	if !hmac.Equal([]byte(own), []byte(resolved.Fingerprint)) {
		return ErrForeign
	}
	return nil
}

// fingerprint ties a build's cache to one environment and the way to it, so
// that neither another environment's agent nor one that came by another proxy
// or from another server of the same name is ever taken for it. The key is the
// tenant token: without it the fingerprint says nothing, and a rotated API
// token changes nothing.
func (w Way) fingerprint(secrets secret.Set, tenantToken string) (string, error) {
	c, err := secrets.Credentials()
	if err != nil {
		return "", err
	}
	ca := sha256.Sum256([]byte(secrets[agent.SecretCACert]))
	mac := hmac.New(sha256.New, []byte(tenantToken))
	fields := []string{"dt-frontend fingerprint v1", c.URL, c.Tenant, string(ca[:]), secrets[agent.SecretProxy], w.Hosts}
	fields = append(fields, w.Proxies...)
	// What was verified by other authorities, or by none, is not verified.
	if text := secrets[agent.SecretInstallerCA]; text != "" {
		sum := sha256.Sum256([]byte(text))
		fields = append(fields, agent.SecretInstallerCA, string(sum[:]))
	}
	for _, field := range fields {
		// With its length in front, so that no two lists of fields are alike.
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(field)))
		mac.Write(n[:])
		mac.Write([]byte(field))
	}
	return hex.EncodeToString(mac.Sum(nil)), nil
}
