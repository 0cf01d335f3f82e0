package deploy

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestCallError_SaysWhatToCheck for whatever keeps a request from its answer, and
// asks again only where that may help.
func TestCallError_SaysWhatToCheck(t *testing.T) {
	t.Parallel()
	const (
		host   = "<DT_TENANT>.cluster.invalid"
		silent = ": check DT_API_URL, and whether it can be reached from here by a proxy alone (DT_PROXY or HTTPS_PROXY)"
		proxy  = "the proxy (DT_PROXY or HTTPS_PROXY) for " + host
		off    = host + " broke off the connection: try again, or look for what stands in between (a proxy, a firewall)"
		packed = "the answer of " + host + " says that it is packed (gzip) and cannot be unpacked: a proxy in between damages it"
	)
	op := func(name string, err error) error { return &net.OpError{Op: name, Net: "tcp", Err: err} }
	old := &x509.Certificate{NotBefore: time.Date(2019, 8, 1, 0, 9, 0, 0, time.UTC), NotAfter: time.Date(2020, 1, 8, 9, 0, 0, 0, time.UTC)}
	verify := func(err error) error { return &tls.CertificateVerificationError{Err: err} }
	for want, tt := range map[string]struct {
		err   error
		again bool
	}{
		host + " refused the connection: check DT_API_URL":   {op("dial", os.NewSyscallError("connect", syscall.ECONNREFUSED)), true},
		proxy + " refused the connection: check its address": {op("proxyconnect", os.NewSyscallError("connect", syscall.ECONNREFUSED)), true},
		host + " did not answer in time" + silent:            {op("dial", os.ErrDeadlineExceeded), true},
		proxy + " did not answer in time: check its address": {op("proxyconnect", os.ErrDeadlineExceeded), true},
		"cannot reach " + host + ": no route to host":        {op("dial", syscall.EHOSTUNREACH), true},
		"asking " + host + ": wrapped: odd":                  {errors.New("odd"), true},
		off:                                                  {io.EOF, true},
		off + " ":                                            {io.ErrUnexpectedEOF, true},
		off + "  ":                                           {op("read", syscall.ECONNRESET), true},
		packed:                                               {gzip.ErrHeader, true},
		packed + " ":                                         {gzip.ErrChecksum, true},
		packed + "  ":                                        {flate.CorruptInputError(1), true},
		"cannot find host p.invalid: check DT_API_URL and DT_TENANT":                                                                                   {op("dial", &net.DNSError{Name: "p.invalid.", IsNotFound: true}), false},
		"cannot find host " + host + ": check DT_API_URL and DT_TENANT":                                                                                {op("dial", &net.DNSError{IsNotFound: true}), false},
		host + " has a certificate of an unknown authority: pass that authority's certificate (PEM) as DT_CA_CERT":                                     {verify(x509.UnknownAuthorityError{}), false},
		host + " has a certificate of an unknown authority: pass that authority's certificate (PEM) as DT_CA_CERT ":                                    {x509.SystemRootsError{}, true},
		host + " has a certificate for other names: check DT_API_URL, or renew the certificate with this name":                                         {x509.HostnameError{Certificate: old, Host: "x"}, false},
		host + " has a certificate that is not valid now (it is from 2019-08-01 00:09 to 2020-01-08 09:00 UTC): renew it, or set this machine's clock": {verify(x509.CertificateInvalidError{Cert: old, Reason: x509.Expired}), false},
		host + " has a certificate that is not valid now: renew it, or set this machine's clock":                                                       {verify(x509.CertificateInvalidError{Reason: x509.Expired}), false},
		host + " has a certificate that cannot be verified: x509: too many intermediates for path length constraint":                                   {verify(x509.CertificateInvalidError{Reason: x509.TooManyIntermediates}), false},
		host + " does not speak TLS: check DT_API_URL":                                                                                                 {tls.RecordHeaderError{Msg: "x"}, false},
		host + " does not speak TLS: check DT_API_URL ":                                                                                                {http.ErrSchemeMismatch, false},
		"cannot reach " + host + ": tls: handshake failure":                                                                                            {op("remote error", tls.AlertError(40)), false},
		"asking " + host + " was interrupted":                                                                                                          {context.Canceled, false},
	} {
		want = strings.TrimRight(want, " ") // keys of a map differ
		synctest.Test(t, func(t *testing.T) {
			tries, err := failed(t, fmt.Errorf("wrapped: %w", tt.err))
			require.EqualError(t, err, want)
			require.ErrorIs(t, err, tt.err)
			require.Equal(t, tt.again, tries > 1, "%s: %d tries", want, tries)
		})
	}
}

// failed asks a cluster whose every request fails. It returns how often it was
// asked.
func failed(t *testing.T, failure error) (tries int, err error) {
	t.Helper()
	cl, err := newClient(t, RawCredentials{URL: "https://abc12345.cluster.invalid", Tenant: "abc12345", Token: "token"}, Options{Timeout: 2 * time.Second})
	require.NoError(t, err)
	cl.http.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
		tries++
		return nil, failure
	})
	_, err = cl.ConnectionInfo(t.Context(), "", "")
	return tries, err
}

// TestCallError_TellsWhatThePeerSaidWhenTimeIsUp: that says more.
func TestCallError_TellsWhatThePeerSaidWhenTimeIsUp(t *testing.T) {
	t.Parallel()
	own := errors.New("of the other side")
	for _, tt := range []struct {
		err  error
		told bool
	}{
		{&tls.CertificateVerificationError{Err: own}, true},
		{tls.RecordHeaderError{Msg: "x"}, true},
		{&net.OpError{Op: "remote error", Err: tls.AlertError(40)}, true},
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, true},
		{http.ErrSchemeMismatch, true},
		{gzip.ErrHeader, true},
		{io.ErrUnexpectedEOF, false},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, false},
		{own, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			cl, err := newClient(t, RawCredentials{Tenant: "abc12345", Token: "token"}, Options{Timeout: time.Second})
			require.NoError(t, err)
			cl.http.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				return nil, tt.err
			})
			_, err = cl.ConnectionInfo(t.Context(), "", "")
			require.Equal(t, tt.told, errors.Is(err, tt.err), "%v", err)
			require.Equal(t, !tt.told, errors.Is(err, context.DeadlineExceeded), "%v", err)
		})
	}
}
