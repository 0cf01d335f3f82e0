package supply

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

// What breaks off is said. A resumed download goes on, another begins anew.
func TestProgressOfADownloadThatBreaksOff(t *testing.T) {
	for resumed, want := range map[bool]string{
		true:  "downloaded 60% of 100 MB\nit broke\ndownloaded 70% of 100 MB\n",
		false: "downloaded 60% of 100 MB\nit broke\ndownloaded 10% of 100 MB\ndownloaded 70% of 100 MB\n",
	} {
		var log bytes.Buffer
		observer := newProgress(&log).observer()
		observer.Progress(60e6, 100e6)
		observer.Warn("it broke")
		if !resumed {
			observer.Progress(10e6, 100e6)
		}
		observer.Progress(70e6, 100e6)
		require.Equal(t, want, log.String())
	}
}
