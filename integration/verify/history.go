package verify

import (
	"errors"
	"io"
	"testing"
	"time"

	contentapi "github.com/containerd/containerd/api/services/content/v1"
	controlapi "github.com/moby/buildkit/api/services/control"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
)

// searchHistory looks into the daemon's records of builds, and into the logs,
// traces and attestations that they name. It returns the name of the subject's,
// once all builds have ended.
func (w *witness) searchHistory(t *testing.T, s *subject) string {
	t.Helper()
	conn, err := grpc.NewClient(w.daemon.Address(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer conn.Close()
	var list []*controlapi.BuildHistoryRecord
	var ref string
	require.Eventually(t, func() bool {
		list, ref = records(t, conn), ""
		ended := true
		for _, r := range list {
			ended = ended && r.CompletedAt != nil && r.Trace != nil
			if r.FrontendAttrs["filename"] == s.dockerfile() {
				ref = r.Ref
			}
		}
		return ref != "" && ended
	}, time.Minute, 50*time.Millisecond, "the build is in the history, and has ended")

	record, logs := search.Haystack{}, search.Haystack{}
	for _, r := range list {
		dt, err := proto.Marshal(r)
		require.NoError(t, err)
		record.Add(r.Ref, dt)
		for _, desc := range descriptors(r) {
			logs.Add(r.Ref+" "+desc.MediaType, blob(t, conn, desc))
		}
	}
	s.requireNone(t, "history", record)
	s.requireNone(t, "history", logs)
	require.Contains(t, record.Find(s.planted), ref, "control: build args are in the record")
	require.True(t, search.Some(logs.Find(s.planted), ref+" "), "control: the Dockerfile's name is in the logs")
	return ref
}

// records returns all that the daemon has noted of builds.
func records(t *testing.T, conn *grpc.ClientConn) []*controlapi.BuildHistoryRecord {
	t.Helper()
	stream, err := controlapi.NewControlClient(conn).ListenBuildHistory(t.Context(), &controlapi.BuildHistoryRequest{EarlyExit: true})
	require.NoError(t, err)
	var list []*controlapi.BuildHistoryRecord
	for {
		event, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return list
		}
		require.NoError(t, err)
		list = append(list, event.Record)
	}
}

// descriptors returns what a record points at.
func descriptors(r *controlapi.BuildHistoryRecord) []*controlapi.Descriptor {
	list := []*controlapi.Descriptor{r.Logs, r.Trace, r.ExternalError}
	results := []*controlapi.BuildResultInfo{r.Result}
	for _, result := range r.Results {
		results = append(results, result)
	}
	for _, result := range results {
		if result == nil {
			continue
		}
		list = append(list, result.ResultDeprecated)
		list = append(list, result.Attestations...)
		for _, desc := range result.Results {
			list = append(list, desc)
		}
	}
	var there []*controlapi.Descriptor
	for _, desc := range list {
		if desc != nil {
			there = append(there, desc)
		}
	}
	return there
}

// blob reads from the daemon's content store.
func blob(t *testing.T, conn *grpc.ClientConn, desc *controlapi.Descriptor) []byte {
	t.Helper()
	stream, err := contentapi.NewContentClient(conn).Read(t.Context(), &contentapi.ReadContentRequest{Digest: desc.Digest, Size: desc.Size})
	require.NoError(t, err)
	var dt []byte
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return dt
		}
		require.NoError(t, err, "%s %s", desc.MediaType, desc.Digest)
		dt = append(dt, part.Data...)
	}
}
