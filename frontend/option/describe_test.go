package option

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the table into docs/options.md")

// TestTheDocumentHasTheTable: go test ./frontend/option -update writes it.
func TestTheDocumentHasTheTable(t *testing.T) {
	const name = "../../docs/options.md"
	dt, err := os.ReadFile(name)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(dt), "| key |")
	require.True(t, ok)
	_, after, ok := strings.Cut(rest, "\n\n")
	require.True(t, ok)
	want := before + Table() + "\n" + after
	if *update {
		require.NoError(t, os.WriteFile(name, []byte(want), 0o644))
	}
	require.Equal(t, want, string(dt), "the table in docs/options.md is another than that of the code: run with -update")
}

// What the settings say is what one writes to have them.
func TestSettingsCanBeWritten(t *testing.T) {
	for _, text := range []string{
		"", "mode=runtime;include=java,nginx;flavor=musl;fips=on", "preload=env;include=auto;on-unsupported=skip",
		"version=1.305.152.20241113-104505;installer=paas;checksum=" + digestA + ";layer=amd64/musl@" + digestA + ";network-zone=a.b;host-group=g;stages=app,test;mode=off",
	} {
		var o, again Options
		require.NoError(t, Parse(text, &o))
		var pairs []string
		for _, s := range o.Settings() {
			if s.Value != "" {
				pairs = append(pairs, s.Name+"="+s.Value)
			}
			require.NotEmpty(t, s.Description)
		}
		require.NoError(t, Parse(strings.Join(pairs, ";"), &again))
		if again.Mode == ModeBuild {
			again.Mode = o.Mode // the default has two spellings
		}
		require.Equal(t, o, again)
	}
}
