package image

import (
	"slices"
	"testing"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
	"github.com/stretchr/testify/require"
)

// startRequest is what somebody who starts a container may say; nil says nothing.
// Kubernetes calls the two command and args.
type startRequest struct{ entrypoint, cmd []string }

// commandLine returns what an engine executes for an image, or nil where the
// engine refuses to create the container.
//
// Source: merge and mergeAndVerifyConfig in moby's daemon/commit.go and
// daemon/create.go. Podman's makeCommand and containerd's WithProcessArgs for
// Kubernetes do the same.
func commandLine(image dockerspec.DockerOCIImageConfig, user startRequest) []string {
	entrypoint, cmd := user.entrypoint, user.cmd
	if len(entrypoint) == 0 {
		if len(cmd) == 0 {
			cmd = image.Cmd
		}
		if entrypoint == nil {
			entrypoint = image.Entrypoint
		}
	}
	if len(entrypoint) == 1 && entrypoint[0] == "" {
		entrypoint = nil
	}
	if len(entrypoint)+len(cmd) == 0 {
		return nil
	}
	return slices.Concat(entrypoint, cmd)
}

// Whatever entrypoint and command an image has, and whatever a user says, the
// container runs what it would run without us: the same command line behind the
// start helper, or the same one without it where the user replaces the
// entrypoint.
func TestInstrumentKeepsTheCommandLine(t *testing.T) {
	images := map[string]struct{ entrypoint, cmd []string }{
		"neither":                      {},
		"entrypoint":                   {entrypoint: []string{"/app", "-x"}},
		"command":                      {cmd: []string{"serve"}},
		"both":                         {entrypoint: []string{"/app"}, cmd: []string{"serve"}},
		"shell form":                   {entrypoint: []string{"/bin/sh", "-c", "exec app"}, cmd: []string{"/bin/sh", "-c", "ignored"}},
		"empty list":                   {entrypoint: []string{}, cmd: []string{"serve"}},
		"empty string":                 {entrypoint: []string{""}, cmd: []string{"serve"}},
		"empty string alone":           {entrypoint: []string{""}},
		"empty string and command":     {entrypoint: []string{""}, cmd: []string{""}},
		"empty string first":           {entrypoint: []string{"", "-x"}, cmd: []string{"serve"}},
		"two empty strings":            {entrypoint: []string{"", ""}, cmd: []string{"serve"}},
		"empty argument":               {entrypoint: []string{"/app", ""}},
		"empty command":                {cmd: []string{""}},
		"empty command behind another": {entrypoint: []string{"/app"}, cmd: []string{""}},
		"options as command":           {cmd: []string{"--", "serve"}},
		"base of ours":                 {entrypoint: []string{agent.StartPath, "--", "/app"}, cmd: []string{"serve"}},
		"base of ours, empty string":   {entrypoint: []string{agent.StartPath, "--", ""}, cmd: []string{"serve"}},
		"base of ours, no entrypoint":  {entrypoint: []string{agent.StartPath, "--"}, cmd: []string{"serve"}},
		"base of ours, no separator":   {entrypoint: []string{agent.StartPath}, cmd: []string{"serve"}},
	}
	requests := map[string]startRequest{
		"nothing":                  {},
		"a command":                {cmd: []string{"/bin/ls", "-l"}},
		"an empty command":         {cmd: []string{""}},
		"an entrypoint":            {entrypoint: []string{"/bin/ls"}},
		"both":                     {entrypoint: []string{"/bin/ls"}, cmd: []string{"-l"}},
		"no entrypoint (CLI)":      {entrypoint: []string{""}},
		"no entrypoint, a command": {entrypoint: []string{""}, cmd: []string{"/bin/ls"}},
		"no entrypoint (compose)":  {entrypoint: []string{}},
	}
	helper := []string{agent.StartPath, "--"}
	for imageName, app := range images {
		for name, user := range requests {
			t.Run(imageName+"/"+name, func(t *testing.T) {
				img := &dockerspec.DockerOCIImage{}
				img.Config.Cmd = slices.Clone(app.cmd)
				img.Config.Entrypoint = unwrap(app.entrypoint)
				want := commandLine(img.Config, user)
				img.Config.Entrypoint = slices.Clone(app.entrypoint)
				require.NoError(t, Instrument(img, testPayload(), dtllb.Attachment{Merge: true}, nil))
				got := commandLine(img.Config, user)
				if user.entrypoint == nil {
					require.Equal(t, helper, got[:2])
					got = got[2:]
				}
				// The engine refuses what has no command line; the helper ends
				// with 127 and says the same.
				require.Equal(t, append([]string{}, want...), append([]string{}, got...))
				require.Equal(t, app.cmd, img.Config.Cmd)
			})
		}
	}
}
