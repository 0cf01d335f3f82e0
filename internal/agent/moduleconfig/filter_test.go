package moduleconfig

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/stretchr/testify/require"
)

func TestFilter(t *testing.T) {
	tenant := "abc12345" + strings.ToLower(rand.Text())
	scanner := scan.New([]scan.Value{{Kind: "environment id", Value: tenant}})
	kept, leftOut, err := Filter([]agent.Property{
		{Section: "general", Key: "z", Value: "first"},
		{Section: "general", Key: "b", Value: "  x y  "},
		{Section: "general", Key: "z", Value: "last"},
		{Section: "agentType", Key: "java", Value: ""},
		{Section: "agentType", Key: "café", Value: "“on”"},
		{Section: "host", Key: "c", Value: "x"},
		// Whatever their section and case.
		{Section: "general", Key: "tenant", Value: "x"},
		{Section: "agentType", Key: "TenantToken", Value: "x"},
		{Section: "general", Key: "serverAddress", Value: "{https://x;https://y}"},
		{Section: "general", Key: "proxy", Value: "x"},
		{Section: "general", Key: "noProxy", Value: "x"},
		{Section: "general", Key: "networkZone", Value: "x"},
		{Section: "general", Key: "hostGroup", Value: "x"},
		{Section: "general", Key: "export", Value: "tenant x"},
		{Section: "general", Key: "tenant=", Value: "x"},
		{Section: "general", Key: "\ufefftenant", Value: "x"},
		{Section: "general", Key: "d", Value: "at " + tenant},
		{Section: "general", Key: "d", Value: "at " + tenant},
		{Section: "general", Key: "e", Value: base64.StdEncoding.EncodeToString([]byte(tenant))},
		{Section: "general", Key: tenant, Value: "on"},
	}, scanner)
	require.NoError(t, err)
	require.Equal(t, []agent.Property{
		{Section: "agentType", Key: "café", Value: "“on”"},
		{Section: "agentType", Key: "java"},
		{Section: "general", Key: "b", Value: "x y"},
		{Section: "general", Key: "z", Value: "last"},
	}, kept)
	require.Equal(t, []Omission{{`"general/d"`, whyFound}, {`"general/e"`, whyFound}, {`"general/…"`, whyFound}}, leftOut)
}

// TestFilter_LeavesOutOneSetting that would not be one line of the agent's file,
// and merges the others.
func TestFilter_LeavesOutOneSetting(t *testing.T) {
	tenant := strings.ToLower(rand.Text())
	scanner := scan.New([]scan.Value{{Kind: "environment id", Value: tenant}})
	value := rand.Text()
	const control, noName = whyControl, whyName
	for _, tt := range []struct {
		p         agent.Property
		name, why string
	}{
		{agent.Property{Section: "general", Key: "k", Value: value + "\n[general]"}, `"general/k"`, control},
		{agent.Property{Section: "general", Key: "k", Value: value + "\n"}, `"general/k"`, control},
		{agent.Property{Section: "general", Key: "k", Value: value + "\r"}, `"general/k"`, control},
		{agent.Property{Section: "general", Key: "k", Value: "\t" + value}, `"general/k"`, control},
		{agent.Property{Section: "general", Key: "k", Value: value + "\x00"}, `"general/k"`, control},
		{agent.Property{Section: "general", Key: "k", Value: value + "\x7f"}, `"general/k"`, control},
		{agent.Property{Section: "general", Key: "k", Value: value + "\u0085"}, `"general/k"`, control},
		{agent.Property{Section: "general", Key: "k", Value: value + "\u2028x"}, `"general/k"`, control},
		{agent.Property{Section: "general", Key: "k", Value: "x\ntenant " + value}, `"general/k"`, control},
		{agent.Property{Section: "general", Key: "k\nl", Value: value}, `"general/k` + "\ufffd" + `l"`, noName},
		{agent.Property{Section: "general", Key: "k l", Value: value}, `"general/k l"`, noName},
		{agent.Property{Section: "general", Key: "[k]", Value: value}, `"general/[k]"`, noName},
		{agent.Property{Section: "general", Key: "#k", Value: value}, `"general/#k"`, noName},
		{agent.Property{Section: "general", Key: ";k", Value: value}, `"general/;k"`, noName},
		{agent.Property{Section: "general", Key: "k=", Value: value}, `"general/k="`, noName},
		{agent.Property{Section: "general", Key: "\ufeffk", Value: value}, `"`, noName},
		{agent.Property{Section: "general", Value: value}, `"general/"`, noName},
		{agent.Property{Section: "", Key: "k", Value: value}, `"/k"`, noName},
		{agent.Property{Section: "general]\n[x", Key: "k", Value: value}, `"`, noName},
		{agent.Property{Section: "general", Key: tenant + " ", Value: value}, `"general/…"`, noName},
		{agent.Property{Section: "general", Key: "k", Value: strings.Repeat(value, maxValue)}, `"general/k"`, whySize},
		{agent.Property{Section: "general", Key: strings.Repeat("k", 500) + " ", Value: value}, `"general/…"`, noName},
	} {
		good := agent.Property{Section: "general", Key: "good", Value: "x"}
		kept, leftOut, err := Filter([]agent.Property{good, tt.p}, scanner)
		require.NoError(t, err)
		require.Equal(t, []agent.Property{good}, kept)
		require.Len(t, leftOut, 1, "%q", tt.p)
		require.Contains(t, leftOut[0].Name, tt.name)
		require.Equal(t, tt.why, leftOut[0].Why)
		require.NotContains(t, leftOut[0].Name, value)
		require.NotContains(t, leftOut[0].Name, tenant)
	}
	_, leftOut, err := Filter([]agent.Property{{Section: "general", Key: "tenant", Value: value}, {Section: "general", Key: "x", Value: tenant}}, scanner)
	require.EqualError(t, err, "it holds nothing that an image may have")
	require.Equal(t, []Omission{{`"general/x"`, whyFound}}, leftOut)
	large := agent.Property{Section: "general", Key: "x", Value: strings.Repeat("x", maxValue)}
	other, third := large, large
	other.Key, third.Key = "y", "z"
	_, _, err = Filter([]agent.Property{large, other, third}, scanner)
	require.EqualError(t, err, "it has more than 524288 bytes")
}

// TestFilter_EndsWithManyProperties: an answer of a megabyte may have thousands.
func TestFilter_EndsWithManyProperties(t *testing.T) {
	const n = 20_000
	var all []agent.Property
	for i := range 2 * n {
		all = append(all, agent.Property{Section: "general", Key: fmt.Sprint("k", i%n), Value: fmt.Sprint(i / n)})
	}
	began := time.Now()
	kept, leftOut, err := Filter(all, scan.New(nil))
	require.NoError(t, err)
	require.Empty(t, leftOut)
	require.Len(t, kept, n)
	for _, p := range kept {
		require.Equal(t, "1", p.Value, p.Key)
	}
	require.Less(t, time.Since(began), 10*time.Second)
}
