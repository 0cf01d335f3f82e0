package search

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// The control for the search itself: it takes an installer apart.
func TestHaystack_UnpacksInstallers(t *testing.T) {
	env := tenant.New(t, cluster.WithIgnoredSkipMetadata())
	for _, kind := range []cluster.InstallerType{cluster.TypePaaSScript, cluster.TypePaaS} {
		in, err := env.Installer(cluster.Spec{
			Version: cluster.DefaultTarget, Arch: "x86", Flavor: "default", Type: kind, SkipMetadata: true,
		})
		require.NoError(t, err)
		h := File(t, in.Path)
		require.NotEmpty(t, h.Find(env.TenantToken()))
		require.NotEmpty(t, h.Find(env.ID()))
	}
}

// It finds a value in every form, wherever it stands, and what follows other
// streams.
func TestHaystack_FindsEveryForm(t *testing.T) {
	value := "s/" + rand.Text()
	wide := func(text string) string {
		var b strings.Builder
		for _, c := range utf16.Encode([]rune(text)) {
			b.Write([]byte{byte(c), byte(c >> 8)})
		}
		return b.String()
	}
	texts := map[string]string{
		"plain": value, "in lower case": strings.ToLower(value), "hex": hex.EncodeToString([]byte(value)), "escaped": url.QueryEscape(value),
		"JSON": strings.ReplaceAll(value, "/", `\/`), "wide": wide(value), "packed": packed(t, "other") + "noise" + packed(t, value),
		"cut off": strings.TrimSuffix(packed(t, value), packed(t, value)[len(packed(t, value))-8:]),
	}
	for pad := range 7 {
		text := rand.Text()[:pad] + value + rand.Text()
		texts["base64 at "+text[:pad]] = base64.StdEncoding.EncodeToString([]byte(text))
		texts["URL base64 at "+text[:pad]] = base64.RawURLEncoding.EncodeToString([]byte(text))
	}
	for name, text := range texts {
		h := Haystack{}
		h.Add("text", []byte(rand.Text()+text+rand.Text()))
		require.NotEmpty(t, h.Find(value), name)
		require.Empty(t, h.Find("s/"+rand.Text()), name)
	}
}

func packed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}
