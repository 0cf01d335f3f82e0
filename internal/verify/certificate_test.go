package verify_test

import (
	"crypto/rand"
	"crypto/x509"
	"slices"
	"strings"
	"testing"

	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/org/dt-frontend/integration/standin/leaky"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/verify"
	"github.com/stretchr/testify/require"
)

// named makes a certificate that of an authority of a name.
func named(name string) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.Subject.CommonName = name }
}

func ofAServer(c *x509.Certificate) { c.IsCA = false }

const customCAPath = "var/lib/dynatrace/oneagent/agent/customkeys/custom.pem"

// customCA is the file that an agent reads.
func customCA(content string) []leaky.File {
	return []leaky.File{{Name: customCAPath, Content: content}}
}

// leftCA is what an installer leaves, and no agent reads.
func leftCA(content string) []leaky.File {
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
		"in a layer of its own":            {[][]leaky.File{customCA(own), leaky.Agent(), startFiles}, own, nil},
		"of a base":                        {[][]leaky.File{append(customCA(own), leaky.File{Name: "app"}), leaky.Agent(), startFiles}, "", nil},
		"comments of a person":             {[][]leaky.File{customCA("# of ours\n" + own), leaky.Agent(), startFiles}, "", nil},
		"behind a symlink":                 {[][]leaky.File{{{Name: "data/" + strings.TrimPrefix(customCAPath, "var/"), Content: own}}, leaky.Agent(), startFiles}, own, nil},
		"all in one layer":                 {[][]leaky.File{slices.Concat(leaky.Agent(), customCA(own), startFiles)}, "", nil},
		"left in the agent's layer":        {[][]leaky.File{append(leaky.Agent(), leftCA(own)...), startFiles}, "", []string{settings}},
		"left beside the build's":          {[][]leaky.File{customCA(own), append(leaky.Agent(), leftCA(other)...), startFiles}, own, []string{settings}},
		"left, and named by a label":       {[][]leaky.File{append(leaky.Agent(), leftCA(own)...), startFiles}, own, nil},
		"left with text":                   {[][]leaky.File{append(leaky.Agent(), leftCA("# of theirs\n"+own)...), startFiles}, own, []string{settings}},
		"a server's":                       {[][]leaky.File{customCA(front.Certificate(t, ofAServer)), leaky.Agent(), startFiles}, "", []string{settings}},
		"none":                             {[][]leaky.File{customCA("text"), leaky.Agent(), startFiles}, "", []string{settings}},
		"more than certificates":           {[][]leaky.File{customCA(own + "-----BEGIN PRIVATE KEY-----\n"), leaky.Agent(), startFiles}, "", []string{settings}},
		"an authority that names a server": {[][]leaky.File{customCA(front.Certificate(t, named(host))), leaky.Agent(), startFiles}, "", []string{"communication endpoint host"}},
		"text that names a server":         {[][]leaky.File{customCA("# " + host + "\n" + own), leaky.Agent(), startFiles}, "", []string{"communication endpoint host"}},
	} {
		t.Run(name, func(t *testing.T) {
			img := leaky.New("x", entrypoint, tt.layers...)
			if tt.label != "" {
				img.Label("com.dynatrace.oneagent.ca", digest.FromString(tt.label).String())
			}
			r := audit(t, img, verify.Options{Values: values})
			kinds := []string(nil)
			for _, l := range r.Leaks {
				require.True(t, strings.HasSuffix(l.Path, "/dynatrace/oneagent/agent/customkeys/custom.pem"), l.Path)
				// A name in it is found in the certificate, and in its text.
				if !slices.Contains(kinds, l.Kind) {
					kinds = append(kinds, l.Kind)
				}
			}
			require.Equal(t, tt.kinds, kinds)
			require.True(t, r.Platforms[0].Instrumented)
		})
	}
}

func TestCertificatesAreNoted(t *testing.T) {
	startFiles, entrypoint := start()
	own := front.Certificate(t, nil)
	notes := func(files []leaky.File, label string, env ...string) []string {
		img := leaky.New("x", entrypoint, files, leaky.Agent(), startFiles)
		if label != "" {
			img.Label("com.dynatrace.oneagent.ca", digest.FromString(label).String())
		}
		for _, e := range env {
			img.Env(e)
		}
		return audit(t, img, verify.Options{}).Platforms[0].Notes
	}
	is := digest.FromString(own).String()
	trusts := "its agent trusts certificates that the build was given: " + is
	reads := "its agent trusts the certificates in /" + customCAPath + ": " + is
	require.Equal(t, []string{trusts}, notes(customCA(own), own))
	require.Equal(t, []string{reads}, notes(customCA(own), ""))
	behind := []leaky.File{{Name: "data/" + strings.TrimPrefix(customCAPath, "var/"), Content: own}}
	require.Equal(t, []string{trusts}, notes(behind, own), "a copy through a symlink of the app")
	const lacks = "which are not in /" + customCAPath
	for _, files := range [][]leaky.File{customCA(own), leftCA(own)} {
		wrong := notes(files, "another")
		require.Contains(t, wrong[len(wrong)-1], lacks)
	}
	require.Equal(t, []string{"the label says that the agent trusts the certificates " + is + ", " + lacks}, notes(leftCA(own), own),
		"no agent reads these")
	require.Equal(t, []string{trusts, "DT_VAR_CONFIG_DIR=/x: the agent reads certificates from /x/dynatrace/oneagent/agent/customkeys/custom.pem, and not from /" + customCAPath},
		notes(customCA(own), own, "DT_VAR_CONFIG_DIR=/x"))
}

// A person who can fill a cache could have an agent trust a listener.
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
	require.Contains(t, gate(leftCA(own), is), "another layer than", "it is not the agent layer")
	require.Contains(t, gate(customCA("text"), is), "/"+customCAPath+" is not a file with certificates")

	const keys = "var/lib/dynatrace/oneagent/agent/customkeys"
	elsewhere := []leaky.File{{Name: "x/dynatrace/oneagent/agent/customkeys/custom.pem", Content: own}}
	require.Contains(t, gate(elsewhere), "that were not asked for", "a variable may lead there")
	for name, files := range map[string][]leaky.File{
		"a link to the file":       {{Name: keys + "/custom.pem", Target: "/x.pem"}, {Name: "x.pem", Content: own}},
		"a link to its directory":  {{Name: keys, Target: "/x"}, {Name: "x/custom.pem", Content: own}},
		"a link to one above":      {{Name: "var/lib/dynatrace", Target: "/x"}, {Name: "x/oneagent/agent/customkeys/custom.pem", Content: own}},
		"a file through a symlink": {{Name: "y", Target: "/" + keys}, {Name: "y/custom.pem", Content: own}},
	} {
		require.NotEmpty(t, gate(files, is), name)
	}
	plain := []leaky.File{{Name: "var", Target: "data"}, {Name: "data/" + strings.TrimPrefix(customCAPath, "var/"), Content: own}}
	require.Empty(t, gate(plain, is), "an app's own symlink")
}
