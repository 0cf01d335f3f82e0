package cluster

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
)

// response counts what is sent and, for some faults, stops half-way or alters
// it.
type response struct {
	http.ResponseWriter
	status int
	bytes  int64 // of the body as the handler wrote it

	fault   Fault
	stop    <-chan struct{} // ends a stall
	stalled *atomic.Int64
	request *http.Request
	left    int64 // until the fault; set when the header is written
	broken  bool
	packed  *gzip.Writer // of FaultGzip
	raw     net.Conn     // of FaultLong
}

// Unwrap is for [http.ResponseController].
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *response) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	w.status = status
	n, _ := strconv.ParseInt(w.Header().Get("Content-Length"), 10, 64)
	switch {
	case w.breaks():
		w.left = n / 2
		if w.fault.After > 0 {
			w.left = min(w.fault.After, n)
		}
	case w.fault.Kind == FaultGzip:
		w.pack()
	case w.fault.Kind == FaultEncoding:
		w.Header().Set("Content-Encoding", "x-unheard-of")
	case w.fault.Kind == FaultLong && w.announce(status, n/2):
		return
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) breaks() bool {
	return w.fault.Kind == FaultTruncated || w.fault.Kind == FaultStall || w.fault.Kind == FaultCut
}

func (w *response) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if w.breaks() {
		return w.writeHalf(p)
	}
	n, err := w.out().Write(p)
	w.bytes += int64(n)
	return n, err
}

// out is where the body goes.
func (w *response) out() io.Writer {
	switch {
	case w.packed != nil:
		return w.packed
	case w.raw != nil:
		return w.raw
	}
	return w.ResponseWriter
}

// ReadFrom keeps the kernel's own copying for large installers.
func (w *response) ReadFrom(r io.Reader) (int64, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if w.breaks() || w.packed != nil || w.raw != nil {
		return io.Copy(struct{ io.Writer }{w}, r)
	}
	n, err := io.Copy(w.ResponseWriter, r)
	w.bytes += n
	return n, err
}

// end finishes a body.
func (w *response) end() {
	if w.packed != nil {
		_ = w.packed.Close() // a client that left is no news
	}
	if w.raw != nil {
		_ = w.raw.Close()
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
