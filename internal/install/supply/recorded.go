package supply

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
)

// certificates is where BuildKit adds an authority of its own to those that a
// step trusts.
const certificates = "/etc/ssl/certs/ca-certificates.crt"

// recorder is the name of that authority, by which BuildKit's proxy network
// answers for every host. It writes each request's address into the build's log
// and its provenance.
const recorder = "BuildKit exec proxy"

// ErrRecorded says that a request would leave the environment's address behind.
var ErrRecorded = errors.New("this builder writes the address of every request into the build's log and provenance (BuildKit's proxy network), " +
	"and the environment's id with it, so nothing was asked: build where it is off (proxyNetwork in buildkitd.toml, buildctl's --proxy-network), or with mode=runtime")

// isRecorded reports whether a step that trusts bundle runs behind the proxy
// network.
func isRecorded(bundle []byte) bool {
	for block, rest := pem.Decode(bundle); block != nil; block, rest = pem.Decode(rest) {
		if cert, err := x509.ParseCertificate(block.Bytes); err == nil && cert.Subject.CommonName == recorder {
			return true
		}
	}
	return false
}
