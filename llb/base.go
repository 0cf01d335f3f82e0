package llb

import (
	"strings"

	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
)

// Base returns the image that the root file system of def was made from, as a
// definition of its own: nothing of what was done to it is in there. It is nil
// where there is no such image, as for scratch, or where several ways lead to
// the root.
func Base(def *pb.Definition) (*pb.Definition, error) {
	if def == nil || len(def.Def) == 0 {
		return nil, nil
	}
	ops := map[string]*pb.Op{}
	raw := map[string][]byte{}
	var last *pb.Op
	for _, dt := range def.Def {
		op := &pb.Op{}
		if err := op.UnmarshalVT(dt); err != nil {
			return nil, err
		}
		dgst := digest.FromBytes(dt).String()
		ops[dgst], raw[dgst], last = op, dt, op
	}
	// The last is the return: its input is the result.
	if len(last.Inputs) != 1 {
		return nil, nil
	}
	at := last.Inputs[0]
	for {
		op := ops[at.Digest]
		if src := op.GetSource(); src != nil {
			if !isImage(src.Identifier) {
				return nil, nil
			}
			return only(def, at.Digest, raw[at.Digest])
		}
		n := below(op)
		if n < 0 || n >= len(op.Inputs) {
			return nil, nil
		}
		at = op.Inputs[n]
	}
}

// below returns which input of op its root file system stands on, or -1.
func below(op *pb.Op) int {
	switch o := op.GetOp().(type) {
	case *pb.Op_Exec:
		for _, m := range o.Exec.Mounts {
			if m.Dest == pb.RootMount {
				return int(m.Input)
			}
		}
	case *pb.Op_File:
		if len(o.File.Actions) > 0 {
			return int(o.File.Actions[0].Input)
		}
	case *pb.Op_Merge:
		if len(o.Merge.Inputs) > 0 {
			return int(o.Merge.Inputs[0].Input)
		}
	}
	return -1
}

func isImage(identifier string) bool {
	return strings.HasPrefix(identifier, "docker-image://") || strings.HasPrefix(identifier, "oci-layout://")
}

// only returns the definition of one op that has no inputs.
func only(def *pb.Definition, dgst string, dt []byte) (*pb.Definition, error) {
	end, err := (&pb.Op{Inputs: []*pb.Input{{Digest: dgst}}}).MarshalVT()
	if err != nil {
		return nil, err
	}
	out := &pb.Definition{Def: [][]byte{dt, end}, Metadata: map[string]*pb.OpMetadata{}}
	if md, ok := def.Metadata[dgst]; ok {
		out.Metadata[dgst] = md
	}
	return out, nil
}

// SourceOf returns the identifier of the one source that def is, or "".
func SourceOf(def *pb.Definition) string {
	if len(def.Def) != 2 {
		return ""
	}
	op := &pb.Op{}
	if op.UnmarshalVT(def.Def[0]) != nil {
		return ""
	}
	return op.GetSource().GetIdentifier()
}
