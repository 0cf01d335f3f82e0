package deploy

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// written is all that was written to it.
type written struct {
	mu   sync.Mutex
	text []byte
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, p...)
	return len(p), nil
}

// An answer that goes on behind its length is read up to there. What comes then
// nobody prints, as net/http does with what it finds on a connection that it
// keeps.
func TestALongAnswer(t *testing.T) {
	var printed written
	log.SetOutput(&printed)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	const document = `{"tenantUUID":"a","tenantToken":"b"}`
	var c *cluster
	c = newCluster(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s%s", len(document), document, c.secret)
		time.Sleep(50 * time.Millisecond)
	})
	cl := c.client(t, Options{})
	_, err := cl.ConnectionInfo(t.Context(), "", "")
	require.NoError(t, err)
	time.Sleep(200 * time.Millisecond)
	printed.mu.Lock()
	defer printed.mu.Unlock()
	require.NotContains(t, string(printed.text), c.secret)
}
