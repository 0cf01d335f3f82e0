package image

import (
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
	"github.com/stretchr/testify/require"
)

var installed = agent.Installed{
	Version:      "1.305.152.20241113-104505",
	Flavor:       agent.FlavorDefault,
	Arch:         agent.ArchX86,
	Technologies: []string{"java", "nginx"},
	DiffID:       "sha256:aaaa",
}

// testPayload is what a build of the agent above puts onto an app.
func testPayload() *payload.Payload {
	p, err := payload.New(llb.Scratch(), llb.Scratch(), nil, installed, option.Options{}, ocispecs.Platform{OS: "linux", Architecture: "amd64"})
	if err != nil {
		panic(err)
	}
	return p
}

func TestInstrumentWrapsTheEntrypoint(t *testing.T) {
	tests := map[string]struct {
		entrypoint []string
		want       []string
		own        string
	}{
		"exec form":    {[]string{"/app", "-x"}, []string{"/opt/dynatrace/dt-start", "--", "/app", "-x"}, `["/app","-x"]`},
		"shell form":   {[]string{"/bin/sh", "-c", "exec app"}, []string{"/opt/dynatrace/dt-start", "--", "/bin/sh", "-c", "exec app"}, `["/bin/sh","-c","exec app"]`},
		"empty string": {[]string{""}, []string{"/opt/dynatrace/dt-start", "--"}, `[]`},
		"empty string, wrapped already": {
			[]string{"/opt/dynatrace/dt-start", "--", ""}, []string{"/opt/dynatrace/dt-start", "--"}, `[]`,
		},
		"none": {nil, []string{"/opt/dynatrace/dt-start", "--"}, `[]`},
		"wrapped already": {
			[]string{"/opt/dynatrace/dt-start", "--", "/app"}, []string{"/opt/dynatrace/dt-start", "--", "/app"}, `["/app"]`,
		},
		"wrapped without an entrypoint": {
			[]string{"/opt/dynatrace/dt-start", "--"}, []string{"/opt/dynatrace/dt-start", "--"}, `[]`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			img := &dockerspec.DockerOCIImage{}
			img.Config.Entrypoint = tt.entrypoint
			require.NoError(t, Instrument(img, testPayload(), dtllb.Attachment{Merge: true}, nil))
			require.Equal(t, tt.want, img.Config.Entrypoint)
			require.Equal(t, tt.own, img.Config.Labels[agent.LabelEntrypoint])
		})
	}
}

func TestInstrumentKeepsTheRest(t *testing.T) {
	img := &dockerspec.DockerOCIImage{}
	img.Config.Cmd = []string{"serve"}
	img.Config.User = "app"
	img.Config.Env = []string{"PATH=/bin", "A=b"}
	img.Config.StopSignal = "SIGQUIT"
	img.Config.Shell = []string{"/bin/bash", "-c"}
	img.Config.OnBuild = []string{"RUN true"}
	img.Config.Healthcheck = &dockerspec.HealthcheckConfig{Test: []string{"CMD", "true"}}
	img.Config.Labels = map[string]string{"mine": "1"}
	want := img.Config

	require.NoError(t, Instrument(img, testPayload(), dtllb.Attachment{}, nil))
	got := img.Config
	require.Equal(t, "1", got.Labels["mine"])
	got.Entrypoint, got.Labels = want.Entrypoint, want.Labels
	require.Equal(t, want, got)
}

func TestLabels(t *testing.T) {
	img := &dockerspec.DockerOCIImage{}
	img.Config.Labels = map[string]string{agent.LabelVersion: "old", agent.LabelLayer: "old", agent.LabelPrefix + "other": "old"}
	require.NoError(t, Instrument(img, testPayload(), dtllb.Attachment{Merge: true}, nil))
	require.Equal(t, map[string]string{
		"com.dynatrace.oneagent.mode":         "build",
		"com.dynatrace.oneagent.version":      "1.305.152.20241113-104505",
		"com.dynatrace.oneagent.flavor":       "default",
		"com.dynatrace.oneagent.technologies": "java,nginx",
		"com.dynatrace.oneagent.entrypoint":   "[]",
		"com.dynatrace.oneagent.layer":        "sha256:aaaa",
	}, img.Config.Labels)

	img = &dockerspec.DockerOCIImage{}
	require.NoError(t, Instrument(img, testPayload(), dtllb.Attachment{}, nil))
	require.NotContains(t, img.Config.Labels, agent.LabelLayer, "a copy of the agent is in a layer of the image's own")
}

// The exporter fills in what is missing, with the command line of a step.
func TestHistoryHasAnEntryForEachLayer(t *testing.T) {
	for want, how := range map[int]dtllb.Attachment{3: {Merge: true}, 4: {Merge: true, Replace: true}} {
		layers := 0
		for _, h := range history(testPayload(), how, nil) {
			require.NotEmpty(t, h.CreatedBy)
			require.Equal(t, "dt-frontend.v0", h.Comment)
			if !h.EmptyLayer {
				layers++
			}
		}
		require.Equal(t, want, layers)
	}
}

// The certificates come first, as their layer does, and all removals are one
// layer.
func TestHistoryOfCertificates(t *testing.T) {
	const file = "/var/lib/dynatrace/oneagent/agent/customkeys/custom.pem"
	plain := history(testPayload(), dtllb.Attachment{Merge: true}, nil)
	owned := strings.Join(dtllb.Owned, " ")
	for _, tt := range []struct {
		how  dtllb.Attachment
		want []string
	}{
		{dtllb.Attachment{}, []string{"CERTIFICATES " + file}},
		{dtllb.Attachment{Replace: true}, []string{"REMOVE " + owned, "CERTIFICATES " + file}},
		{dtllb.Attachment{Certificate: &dtllb.Certificate{Replace: true}}, []string{"REMOVE " + file, "CERTIFICATES " + file}},
		{dtllb.Attachment{Replace: true, Certificate: &dtllb.Certificate{Replace: true}}, []string{"REMOVE " + owned + " " + file, "CERTIFICATES " + file}},
	} {
		if tt.how.Certificate == nil {
			tt.how.Certificate = &dtllb.Certificate{}
		}
		got := history(testPayload(), tt.how, nil)
		require.Equal(t, plain, got[len(tt.want):])
		for i, by := range tt.want {
			require.Equal(t, by, got[i].CreatedBy)
			require.False(t, got[i].EmptyLayer)
		}
	}
}

func TestPadHistory(t *testing.T) {
	layer := func(by string) ocispecs.History { return ocispecs.History{CreatedBy: by} }
	image := func(layers int, history ...ocispecs.History) *dockerspec.DockerOCIImage {
		img := &dockerspec.DockerOCIImage{}
		img.RootFS.DiffIDs = make([]digest.Digest, layers)
		img.History = history
		return img
	}
	empty := ocispecs.History{CreatedBy: "ENV", EmptyLayer: true}
	tests := map[string]struct {
		base *dockerspec.DockerOCIImage
		want []string
	}{
		"scratch":       {nil, []string{"RUN"}},
		"whole":         {image(1, layer("base"), empty), []string{"base", "ENV", "RUN"}},
		"none":          {image(2), []string{"layer of the base image", "layer of the base image", "RUN"}},
		"one missing":   {image(2, layer("base"), empty), []string{"base", "ENV", "layer of the base image", "RUN"}},
		"more than are": {image(1, layer("a"), layer("b")), []string{"a", "b", "RUN"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			img := image(0)
			if tt.base != nil {
				img.History = append(img.History, tt.base.History...)
			}
			img.History = append(img.History, layer("RUN"))
			PadHistory(img, tt.base)
			var got []string
			for _, h := range img.History {
				got = append(got, h.CreatedBy)
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestHistory_NamesWhatIsRemoved(t *testing.T) {
	how := dtllb.Attachment{Merge: true, Leftovers: []string{"/tmp/ruxit", "/x"}}
	require.Equal(t, "REMOVE /tmp/ruxit /x", history(testPayload(), how, nil)[0].CreatedBy)
	require.False(t, history(testPayload(), how, nil)[0].EmptyLayer)
	require.Equal(t, []string{"/tmp/ruxit", "/x"}, how.Removes())
}
