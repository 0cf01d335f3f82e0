package llb

import (
	"slices"

	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
)

// SecretUse is a step that is given a secret.
type SecretUse struct {
	ID string
	// Ranges are the lines that the step is from, in the file whose content is
	// Source; they are empty for a step of no file.
	Ranges []*pb.Range
	Source []byte
}

// SecretUses returns the steps of def that are given one of the secrets ids, as
// files or in their environment. It goes by what would run, with every variable
// expanded and every ONBUILD of a base image in its place.
//
// The steps of this package are left out: the graph of an image that was built
// with it can be part of another build. A Dockerfile cannot make a step that
// looks like them, since its steps have lines.
func SecretUses(def *pb.Definition, ids []string) ([]SecretUse, error) {
	var out []SecretUse
	for _, dt := range def.GetDef() {
		op := &pb.Op{}
		if err := op.UnmarshalVT(dt); err != nil {
			return nil, err
		}
		ranges, source := lines(def.GetSource(), digest.FromBytes(dt).String())
		if len(ranges) == 0 && isOwnStep(op) {
			continue
		}
		for _, id := range secretsOf(op) {
			if slices.Contains(ids, id) {
				out = append(out, SecretUse{id, ranges, source})
			}
		}
	}
	return out, nil
}

func isOwnStep(op *pb.Op) bool {
	args := op.GetExec().GetMeta().GetArgs()
	return len(args) > 0 && args[0] == InstallBin
}

// secretsOf returns the ids of all secrets that a step is given, each once.
func secretsOf(op *pb.Op) []string {
	var out []string
	add := func(id string) {
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	for _, m := range op.GetExec().GetMounts() {
		add(m.GetSecretOpt().GetID())
	}
	for _, e := range op.GetExec().GetSecretenv() {
		add(e.GetID())
	}
	// A download can be given a secret, too.
	for _, key := range []string{pb.AttrAuthHeaderSecret, pb.AttrAuthTokenSecret, pb.AttrHTTPAuthHeaderSecret} {
		add(op.GetSource().GetAttrs()[key])
	}
	return out
}

// lines returns where a step is from.
func lines(sources *pb.Source, dgst string) ([]*pb.Range, []byte) {
	for _, l := range sources.GetLocations()[dgst].GetLocations() {
		infos := sources.GetInfos()
		if i := int(l.GetSourceIndex()); i >= 0 && i < len(infos) && len(l.GetRanges()) > 0 {
			return l.GetRanges(), infos[i].GetData()
		}
	}
	return nil, nil
}
