package cluster

import (
	"compress/gzip"
	"fmt"
	"net"
	"net/http"
	"strconv"
)

// writeHalf sends the first part of the body and then breaks. It tells the
// handler that all is well: [http.Server] closes the connection by itself when
// less than the Content-Length was written.
func (w *response) writeHalf(p []byte) (int, error) {
	if w.broken {
		return len(p), nil
	}
	n := min(int64(len(p)), w.left)
	sent, err := w.ResponseWriter.Write(p[:n])
	w.bytes += int64(sent)
	w.left -= n
	if err != nil {
		return sent, err
	}
	if w.left == 0 {
		w.broken = true
		w.breakOff()
	}
	return len(p), nil
}

func (w *response) breakOff() {
	ctl := http.NewResponseController(w.ResponseWriter)
	_ = ctl.Flush() // a client that left already is no news
	switch w.fault.Kind {
	case FaultStall:
		w.stall()
	case FaultCut:
		conn, _, err := ctl.Hijack()
		if err != nil {
			return
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // reset instead of an orderly end
		}
		_ = conn.Close()
	}
}

// stall waits until the client has enough of it.
func (w *response) stall() {
	w.stalled.Add(1)
	defer w.stalled.Add(-1)
	select {
	case <-w.request.Context().Done():
	case <-w.stop:
	}
}

// pack makes a gzip stream of the body, as a proxy does: the header then tells
// of neither the length nor parts, and its tag is weak.
func (w *response) pack() {
	h := w.Header()
	h.Set("Content-Encoding", "gzip")
	h.Del("Content-Length")
	h.Del("Accept-Ranges")
	if tag := h.Get("ETag"); tag != "" {
		h.Set("ETag", "W/"+tag)
	}
	w.packed = gzip.NewWriter(w.ResponseWriter)
}

// announce writes a header that says length, and leaves a connection that takes
// more than that. [http.Server] would not send it.
func (w *response) announce(status int, length int64) bool {
	conn, _, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return false
	}
	w.raw = conn
	h := w.Header()
	h.Set("Content-Length", strconv.FormatInt(length, 10))
	h.Set("Connection", "close")
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	_ = h.Write(conn)
	_, _ = conn.Write([]byte("\r\n"))
	return true
}
