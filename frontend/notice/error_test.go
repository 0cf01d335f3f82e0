package notice

import (
	"errors"
	"fmt"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/solver/errdefs"
	"github.com/stretchr/testify/require"
)

func TestError_HasNoLineOfItsOwn(t *testing.T) {
	err := &Error{Message: "the agent is missing\nERROR: all is well"}
	require.EqualError(t, err, "dynatrace: the agent is missing�ERROR: all is well")
}

func TestWithLocation_MarksWhatTheParserNames(t *testing.T) {
	sm := llb.NewSourceMap(nil, "my.Dockerfile", "Dockerfile", []byte("FROM\n"))
	sm.Definition = &llb.Definition{}
	cause := errors.New("FROM needs an image")
	located := fmt.Errorf("parsing: %w", parser.WithLocation(cause, WholeLine(1)))
	err := WithLocation(located, sm)
	require.ErrorIs(t, err, cause)
	got := errdefs.Sources(err)
	require.Len(t, got, 1)
	require.Equal(t, "my.Dockerfile", got[0].Info.Filename)
	require.Equal(t, "Dockerfile", got[0].Info.Language)
	require.Equal(t, "FROM\n", string(got[0].Info.Data))
	require.EqualValues(t, 1, got[0].Ranges[0].Start.Line)

	require.Equal(t, cause, WithLocation(cause, sm), "it names no line")
	require.Empty(t, errdefs.Sources(WithLocation(located, nil)), "there is no Dockerfile")
}

func TestWithSource_KeepsHowTheDockerfileWasRead(t *testing.T) {
	st := llb.Local("dockerfile")
	def, err := st.Marshal(t.Context())
	require.NoError(t, err)
	sm := llb.NewSourceMap(&st, "Dockerfile", "Dockerfile", []byte("FROM scratch\n"))
	sm.Definition = def
	got := errdefs.Sources(WithSource(errors.New("failed"), sm, nil))
	require.Equal(t, def.ToPB().Def, got[0].Info.Definition.Def)
	require.Empty(t, got[0].Ranges)
}
