package front

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// Serve lets h answer over TLS as host, at a loopback address such as
// 127.0.0.1:0, until the test ends. It returns the address that it has got.
func Serve(t testing.TB, a *Authority, host, address string, h http.Handler, options ...Option) string {
	t.Helper()
	l, err := net.Listen("tcp", address)
	require.NoError(t, err)
	return ServeOn(t, a, host, l, h, options...)
}

// ServeOn is [Serve] with a listener of the caller's own.
func ServeOn(t testing.TB, a *Authority, host string, l net.Listener, h http.Handler, options ...Option) string {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	_ = srv.Listener.Close() // it is not used
	srv.Listener = l
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{a.certificate(t, host, options)}}
	// Clients that do not trust us say so by closing the connection.
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(func() {
		// A request that hangs would hold it open.
		srv.CloseClientConnections()
		srv.Close()
	})
	return l.Addr().String()
}

// StatusGivenUp is what [Forward] answers when the client went away before the
// server answered: 499, as nginx notes it. Nobody reads the answer.
const StatusGivenUp = 499

// Forward hands all requests on to the server at address, such as
// http://127.0.0.1:80. It answers 502 if the server cannot be reached.
func Forward(t testing.TB, address string) http.Handler {
	t.Helper()
	to, err := url.Parse(address)
	require.NoError(t, err)
	return &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(to) },
		FlushInterval: -1, // as it comes
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, _ error) {
			status := http.StatusBadGateway
			if r.Context().Err() != nil {
				status = StatusGivenUp
			}
			w.WriteHeader(status)
		},
	}
}
