package agent

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent/variable"
)

// Variables that an image should leave to whoever starts a container of it.
const (
	VarActive     = variable.Active
	VarKeepToken  = variable.StartKeepToken
	VarTrustImage = variable.StartTrustImage
	VarCertFile   = "SSL_CERT_FILE"
	VarCertDir    = "SSL_CERT_DIR"
)

// CertificateVariables name the authorities that the start helper trusts when it
// sends the API token.
var CertificateVariables = []string{SecretCACert, VarCertFile, VarCertDir}

// Steering is a variable of an image's environment that has a say in what
// becomes of a token which the image does not have.
type Steering struct {
	Name, Value string
	// Does completes a sentence that begins with the name.
	Does string
}

// What the variables do. A proxy is not among them: it sees no token, since TLS
// ends at the cluster. Nor is the name of the file that holds the token.
const (
	doesAddress  = "decides where dt-start sends the API token"
	doesTrust    = "decides which servers get the API token from dt-start"
	doesEndpoint = "decides where the agent sends the tenant token"
	doesKeep     = "hands the API token on to the app"
	doesVouch    = "has dt-start trust the image"
)

var steering = map[string]string{
	SecretAPIURL: doesAddress, SecretAPIURL + variable.FileSuffix: doesAddress, variable.ConnectionPoint: doesEndpoint,
	SecretCACert: doesTrust, VarCertFile: doesTrust, VarCertDir: doesTrust,
	VarKeepToken: doesKeep, VarTrustImage: doesVouch,
}

// SteeringIn returns the variables of an image's environment that steer tokens.
// Entries of one name are all returned: engines differ in which one they take.
func SteeringIn(env []string) []Steering {
	var out []Steering
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		if does := steering[name]; does != "" && !isHarmless(name, value) {
			out = append(out, Steering{name, value, does})
		}
	}
	return out
}

// isHarmless reports whether a value leaves everything as it is without the
// variable.
func isHarmless(name, value string) bool {
	switch value = strings.TrimSpace(value); {
	case value == "":
		return true
	case name == VarCertFile, name == SecretCACert:
		return slices.Contains(systemCertificates, path.Clean(value))
	case name == VarCertDir:
		return !slices.ContainsFunc(strings.Split(value, ":"), func(dir string) bool {
			return !slices.Contains(systemCertificateDirs, path.Clean(dir))
		})
	case name == VarKeepToken, name == VarTrustImage:
		return slices.Contains([]string{"false", "0", "no", "off"}, strings.ToLower(value))
	}
	return false
}

// systemCertificates and systemCertificateDirs are where Go's standard library
// looks for the system's certificates by itself. Base images name these places,
// as those of distroless and Wolfi do.
//
// Source: crypto/x509/root_linux.go.
var (
	systemCertificates = []string{
		"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
		"/etc/pki/tls/cacert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
	}
	systemCertificateDirs = []string{"/etc/ssl/certs", "/etc/pki/tls/certs"}
)

// IsOff reports whether a value of [VarActive] switches the agent off.
func IsOff(value string) bool { return strings.EqualFold(strings.TrimSpace(value), "false") }

// ImageVariable is one that the image itself sets. Its value stands in the
// image's config, and only its digest here, so that nothing finds it twice.
type ImageVariable struct {
	Name string `json:"name"`
	// SHA256 is the value's digest, in hex.
	SHA256 string `json:"sha256"`
}

// NewImageVariable notes a variable.
func NewImageVariable(name, value string) ImageVariable {
	sum := sha256.Sum256([]byte(value))
	return ImageVariable{name, hex.EncodeToString(sum[:])}
}

// ImageVariables returns what the start helper has to know of an image's
// environment. It is not nil, which tells that somebody has looked.
func ImageVariables(env []string) []ImageVariable {
	out := []ImageVariable{}
	for _, s := range SteeringIn(env) {
		out = append(out, NewImageVariable(s.Name, s.Value))
	}
	for _, e := range env {
		if name, value, _ := strings.Cut(e, "="); name == VarActive && IsOff(value) {
			out = append(out, NewImageVariable(name, value))
		}
	}
	return out
}

// Sets reports whether the image itself sets a variable to a value, as far as
// its build knew.
func (s *Settings) Sets(name, value string) bool {
	return value != "" && slices.Contains(s.ImageEnv, NewImageVariable(name, value))
}
