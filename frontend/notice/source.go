package notice

import (
	"errors"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/errdefs"
	"github.com/moby/buildkit/solver/pb"
)

// Names of options that BuildKit hands a frontend.
const (
	// keySyntaxArg is the build arg that names a frontend, and keySource the
	// frontend that runs.
	keySyntaxArg = "build-arg:BUILDKIT_SYNTAX"
	keySource    = "source"
	// keyCmdline has the syntax line, image and all.
	keyCmdline = "cmdline"
)

// WithLocation marks the lines in err that the Dockerfile's parser says it is
// about.
func WithLocation(err error, sm *llb.SourceMap) error {
	var located *parser.LocationError
	if !errors.As(err, &located) {
		return err
	}
	for _, ranges := range located.Locations {
		err = WithSource(err, sm, ranges)
	}
	return err
}

// WithSource marks ranges of the Dockerfile in err. Clients print them with the
// lines around.
func WithSource(err error, sm *llb.SourceMap, ranges []parser.Range) error {
	if sm == nil {
		return err
	}
	return errdefs.WithSource(err, &errdefs.Source{
		Info: &pb.SourceInfo{
			Data:       sm.Data,
			Filename:   sm.Filename,
			Language:   sm.Language,
			Definition: sm.Definition.ToPB(),
		},
		Ranges: pbRanges(ranges),
	})
}

// warnOpts describes a warning about ranges of the Dockerfile.
func warnOpts(ranges []parser.Range, detail [][]byte, url string) client.WarnOpts {
	return client.WarnOpts{Level: 1, Detail: detail, URL: url, Range: pbRanges(ranges)}
}

func pbRanges(ranges []parser.Range) []*pb.Range {
	out := make([]*pb.Range, 0, len(ranges))
	for _, r := range ranges {
		out = append(out, &pb.Range{
			Start: &pb.Position{Line: int32(r.Start.Line), Character: int32(r.Start.Character)},
			End:   &pb.Position{Line: int32(r.End.Line), Character: int32(r.End.Character)},
		})
	}
	return out
}

// syntaxLine returns the place in the Dockerfile that asks for this frontend,
// or nil where the command line did, whatever the Dockerfile asks for.
func syntaxLine(dockerfile []byte, opts map[string]string) []parser.Range {
	ref, _, loc, ok := parser.DetectSyntax(dockerfile)
	if _, byArg := opts[keySyntaxArg]; !ok || byArg || ref != opts[keySource] {
		return nil
	}
	return loc
}

// Cmdline returns the syntax line's value, image and all. BuildKit hands it on;
// but where the frontend is asked for by name, as by `buildctl --opt source=`,
// nobody has read the Dockerfile yet.
func Cmdline(dockerfile []byte, opts map[string]string) string {
	if line, ok := opts[keyCmdline]; ok {
		return line
	}
	ref, line, _, ok := parser.DetectSyntax(dockerfile)
	if !ok || ref != opts[keySource] {
		return ""
	}
	return line
}

// WholeLine is the range of one line, counted from 1.
func WholeLine(n int) []parser.Range {
	at := parser.Position{Line: n}
	return []parser.Range{{Start: at, End: at}}
}
