package variable

// Kind says what a confidential value is. Findings and messages name it.
type Kind string

// The kinds of values.
const (
	KindAPIToken    Kind = "API token"
	KindTenantToken Kind = "tenant token"
	KindTenant      Kind = "environment id"
	KindAPIAddress  Kind = "API address"
	KindEndpoint    Kind = "communication endpoint"
	KindProxy       Kind = "proxy"
	KindCertificate Kind = "certificate"
	// KindFingerprint is what a build derives from an environment's values, to
	// tell environments apart.
	KindFingerprint Kind = "fingerprint"
	// KindSetting is what ties an agent to an environment without naming the
	// environment, such as a network zone. It is removed, but any image may hold
	// the word.
	KindSetting Kind = "environment setting"
)

// IsToken reports whether the value alone gives access to an environment.
func (k Kind) IsToken() bool { return k == KindAPIToken || k == KindTenantToken }

// MayOpen reports whether the value is a token, or may hold a password. No image
// may have such a variable.
func (k Kind) MayOpen() bool { return k.IsToken() || k == KindProxy }

// IsAddress reports whether the value is a URL, whose parts are confidential, too.
func (k Kind) IsAddress() bool {
	return k == KindAPIAddress || k == KindEndpoint || k == KindProxy
}

// IsLink reports whether the value ties an image to one environment. A proxy and
// a certificate belong to a network, and not to an environment.
func (k Kind) IsLink() bool {
	return k.IsToken() || k == KindTenant || k == KindAPIAddress || k == KindEndpoint
}
