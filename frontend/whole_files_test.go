package frontend_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBuild_ReadsTheLoadersList of the built app, by a symlink too.
func TestBuild_ReadsTheLoadersList(t *testing.T) {
	t.Parallel()
	const run = "FROM example.invalid/app\nRUN true\n"
	for name, files := range map[string]tree{
		"plain":     {"etc/ld.so.preload": "/x/liboneagentproc.so\n"},
		"a symlink": {"etc/ld.so.preload": "-> list", "etc/list": "/x/liboneagentproc.so\n"},
	} {
		d := newDaemon(run, "")
		d.app = files
		d.build(t)
		require.Len(t, d.texts, 1, name)
		require.Contains(t, d.texts[0], "/etc/ld.so.preload names another agent's library (/x/liboneagentproc.so)", name)
	}
	for name, text := range map[string]string{
		"another library": "/x/libmine.so\n",
		"too large":       "/x/liboneagentproc.so\n" + strings.Repeat("#", 1<<20),
	} {
		d := newDaemon(run, "")
		d.app = tree{"etc/ld.so.preload": text}
		d.build(t)
		require.Empty(t, d.texts, name)
	}
}

// TestBuild_WarnsOfVolumesThatHideCertificates, where it was given any.
func TestBuild_WarnsOfVolumesThatHideCertificates(t *testing.T) {
	t.Parallel()
	d := newDaemon("FROM example.invalid/app\nVOLUME /var/lib/dynatrace\n", "")
	d.build(t)
	require.Empty(t, d.texts)
	d.report.CA = "sha256:" + strings.Repeat("89", 32)
	d.build(t)
	require.Contains(t, strings.Join(d.texts, "\n"), "VOLUME /var/lib/dynatrace hides the certificates of DT_AGENT_CA")
}

// TestBuild_CopiesCertificatesWhereItCannotMerge, and says so.
func TestBuild_CopiesCertificatesWhereItCannotMerge(t *testing.T) {
	t.Parallel()
	d := newDaemon(plain, "")
	d.report.CA = "sha256:" + strings.Repeat("89", 32)
	d.base["var"], d.base["srv/lib/x"] = "-> srv", ""
	require.Equal(t, d.report.CA, d.build(t).labels()["ca"])
	require.Contains(t, d.texts, "dynatrace: the certificates for the agent are copied into the image for linux/amd64, which takes a layer of its own: "+
		"/var in the image is a symlink, or has an owner or mode other than root and 0755, which a merge would change")
	d = newDaemon(plain, "")
	d.report.CA = "sha256:" + strings.Repeat("89", 32)
	d.noMerge = true
	d.build(t)
	require.NotContains(t, strings.Join(d.texts, "\n"), "the certificates for the agent are copied", "the user is told once, of the agent")
	d = newDaemon(plain, "")
	d.report.CA = "sha256:" + strings.Repeat("89", 32)
	d.base["var/lib/dynatrace"] = "a file"
	require.ErrorContains(t, d.fails(t), "/var/lib/dynatrace in the image is a file; the agent reads the certificates of DT_AGENT_CA from")
}

// TestBuild_FailsWithAStepOfTheContext that fails.
func TestBuild_FailsWithAStepOfTheContext(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"import", "check", "trust"} {
		d := withAgentIn("agent=" + agentImage)
		d.fail = map[string]error{step: errors.New("no " + step)}
		require.ErrorContains(t, d.fails(t), "no "+step)
	}
}
