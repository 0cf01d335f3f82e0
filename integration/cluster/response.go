package cluster

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
)

// response counts what is sent and, for some faults, stops half-way.
type response struct {
	http.ResponseWriter
	status int
	bytes  int64

	fault   FaultKind
	stop    <-chan struct{} // ends a stall
	stalled *atomic.Int64
	request *http.Request
	left    int64 // until the fault; set when the header is written
	broken  bool
}

// Unwrap is for [http.ResponseController].
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *response) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
		if w.breaks() {
			n, _ := strconv.ParseInt(w.Header().Get("Content-Length"), 10, 64)
			w.left = n / 2
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) breaks() bool {
	return w.fault == FaultTruncated || w.fault == FaultStall || w.fault == FaultCut
}

func (w *response) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if w.breaks() {
		return w.writeHalf(p)
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// ReadFrom keeps the kernel's own copying for large installers.
func (w *response) ReadFrom(r io.Reader) (int64, error) {
	if w.breaks() {
		return io.Copy(struct{ io.Writer }{w}, r)
	}
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	n, err := io.Copy(w.ResponseWriter, r)
	w.bytes += n
	return n, err
}

// writeHalf sends the first half of the body and then breaks. It tells the
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
	switch w.fault {
	case FaultStall:
		w.stalled.Add(1)
		defer w.stalled.Add(-1)
		select {
		case <-w.request.Context().Done():
		case <-w.stop:
		}
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

// writeJSON answers with a document and its length.
func writeJSON(w http.ResponseWriter, status int, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // all documents are of this package
	}
	write(w, status, "application/json; charset=utf-8", append(data, '\n'))
}

func write(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that left is no news
}
