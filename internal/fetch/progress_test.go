package fetch

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A slow download says each five seconds how far it is, and one whose size is
// not known says nothing else.
func TestProgressHasALineEachFiveSeconds(t *testing.T) {
	for total, want := range map[int64]string{1e12: "downloaded 0% of 1000000 MB\n", -1: "downloaded 5 MB\n"} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			p := newProgress(&log)
			for second := range int64(21) {
				p.report(second*1e6, total)
				time.Sleep(time.Second)
			}
			require.Equal(t, 4, strings.Count(log.String(), "\n"), log.String())
			require.True(t, strings.HasPrefix(log.String(), want), log.String())
		})
	}
}
