package verify_test

import (
	"crypto/rand"
	"crypto/x509"
	"strings"
	"testing"

	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/integration/front"
	"github.com/org/dt-frontend/integration/leaky"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/verify"
	"github.com/stretchr/testify/require"
)

// named makes a certificate that of an authority of a name.
func named(name string) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.Subject.CommonName = name }
}

func ofAServer(c *x509.Certificate) { c.IsCA = false }

func customCA(content string) []leaky.File {
	return []leaky.File{{Name: oneagent + "agent/customkeys/custom.pem", Content: content}}
}

// The certificates of a build are its user's; what an installer left, or names a
// server, is an environment's.
func TestCertificatesOfTheAgent(t *testing.T) {
	startFiles, entrypoint := start()
	host := "x" + rand.Text() + ".example.invalid"
	values := []scan.Value{{Kind: "communication endpoint host", Value: host}}
	own, other := front.Certificate(t, nil), front.Certificate(t, nil)
	const settings = "environment's settings"
	for name, tt := range map[string]struct {
		layers [][]leaky.File
		label  string
		kinds  []string
	}{
		"in a layer of its own":             {[][]leaky.File{leaky.Agent(), customCA(own), startFiles}, own, nil},
		"of a base that was replaced":       {[][]leaky.File{customCA(own), {{Name: "opt/dynatrace/.wh.oneagent"}}, leaky.Agent(), startFiles}, "", nil},
		"all in one layer, named by labels": {[][]leaky.File{append(leaky.Agent(), customCA(own)...), startFiles}, own, nil},
		"left in the agent's layer":         {[][]leaky.File{append(leaky.Agent(), customCA(own)...), startFiles}, "", []string{settings}},
		"left beside the build's":           {[][]leaky.File{append(leaky.Agent(), customCA(other)...), customCA(own), startFiles}, own, []string{settings}},
		"a server's":                        {[][]leaky.File{leaky.Agent(), customCA(front.Certificate(t, ofAServer)), startFiles}, "", []string{settings}},
		"none":                              {[][]leaky.File{leaky.Agent(), customCA("text"), startFiles}, "", []string{settings}},
		"more than certificates":            {[][]leaky.File{leaky.Agent(), customCA(own + "-----BEGIN PRIVATE KEY-----\n"), startFiles}, "", []string{settings}},
		"text between them":                 {[][]leaky.File{leaky.Agent(), customCA(own + "tenant of theirs\n" + other), startFiles}, "", []string{settings}},
		"text behind them":                  {[][]leaky.File{leaky.Agent(), customCA(own + "tenant of theirs"), startFiles}, "", []string{settings}},
		"headers":                           {[][]leaky.File{leaky.Agent(), customCA(strings.Replace(own, "\n", "\nTenant: of theirs\n\n", 1)), startFiles}, "", []string{settings}},
		"an authority that names a server":  {[][]leaky.File{leaky.Agent(), customCA(front.Certificate(t, named(host))), startFiles}, "", []string{"communication endpoint host"}},
	} {
		t.Run(name, func(t *testing.T) {
			img := leaky.New("x", entrypoint, tt.layers...)
			if tt.label != "" {
				img.Label("com.dynatrace.oneagent.ca", digest.FromString(tt.label).String())
			}
			r := audit(t, img, verify.Options{Values: values})
			kinds := []string(nil)
			for _, l := range r.Leaks {
				require.Equal(t, oneagent+"agent/customkeys/custom.pem", l.Path)
				kinds = append(kinds, l.Kind)
			}
			require.Equal(t, tt.kinds, kinds)
			require.True(t, r.Platforms[0].Instrumented)
		})
	}
}

func TestCertificatesAreNoted(t *testing.T) {
	startFiles, entrypoint := start()
	own := front.Certificate(t, nil)
	notes := func(label string) []string {
		img := leaky.New("x", entrypoint, leaky.Agent(), customCA(own), startFiles)
		if label != "" {
			img.Label("com.dynatrace.oneagent.ca", digest.FromString(label).String())
		}
		return audit(t, img, verify.Options{}).Platforms[0].Notes
	}
	trusts := "its agent trusts certificates that the build was given: " + digest.FromString(own).String()
	require.Equal(t, []string{trusts}, notes(own))
	require.Equal(t, []string{trusts}, notes(""))
	wrong := notes("another")
	require.Len(t, wrong, 2)
	require.Contains(t, wrong[1], "which are not in it")
}

// Who can fill a cache could have an agent trust a listener.
func TestTheGateKnowsCertificates(t *testing.T) {
	startFiles, entrypoint := start()
	want := agentLayer(t)
	own := front.Certificate(t, nil)
	gate := func(files []leaky.File, cas ...digest.Digest) string {
		img := leaky.New("x", entrypoint, leaky.Agent(), files, startFiles)
		return audit(t, img, verify.Options{AgentLayers: []digest.Digest{want}, AgentCAs: cas}).Platforms[0].Wrong
	}
	is := digest.FromString(own)
	require.Empty(t, gate(customCA(own), is))
	require.Contains(t, gate(customCA(own)), "it trusts certificates that were not asked for, "+is.String())
	require.Contains(t, gate(customCA(own), digest.FromString("another")), "that were not asked for")
	require.Contains(t, gate(append(customCA(own), leaky.File{Name: oneagent + "agent/more.so"}), is), "another layer than")
}
