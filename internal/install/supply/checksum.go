package supply

import (
	"context"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/deploy/download"
)

const (
	// checksumTimeout bounds the question for the cluster's checksum, which is
	// asked while the installer is on its way.
	checksumTimeout = 5 * time.Second
	// checksumGrace is what a download that is there waits for it.
	checksumGrace = time.Second
)

// askChecksum asks the cluster for the checksum of a zip archive, in parallel
// with its download, and returns what compares a digest with it. The end of ctx
// ends the question.
//
// A build never fails for it. The cluster means the archive as it is before an
// environment changes it, and we ask for an archive without metadata: that may
// be the same one or not. So an equal checksum proves the bytes, and another one
// proves nothing. A script has none.
func askChecksum(ctx context.Context, client *deploy.Client, r download.Request) func(digest string) agent.Checksum {
	if r.Kind != download.Archive {
		return func(string) agent.Checksum { return "" }
	}
	answer := make(chan string, 1)
	go func() {
		sum, err := download.Checksum(ctx, client, r)
		if err != nil {
			sum = ""
		}
		answer <- sum
	}()
	return func(digest string) agent.Checksum {
		var sum string
		select {
		case sum = <-answer:
		case <-time.After(checksumGrace):
		}
		switch sum {
		case "":
			return ""
		case digest:
			return agent.ChecksumEqual
		}
		return agent.ChecksumOther
	}
}
