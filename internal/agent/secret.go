package agent

import (
	"slices"

	"github.com/org/dt-frontend/internal/agent/variable"
)

// SecretsDir is where a build step finds its secrets, one file each, named by
// the secret's id.
const SecretsDir = "/run/secrets/dynatrace"

// Ids of the secrets that a build may be given: the names of the variables that
// a container may be given instead.
const (
	SecretAPIURL      = variable.APIURL
	SecretAPIToken    = variable.APIToken
	SecretTenant      = variable.Tenant
	SecretCACert      = variable.CACert
	SecretProxy       = variable.Proxy
	SecretAgentCA     = variable.AgentCA
	SecretInstallerCA = variable.InstallerCA
)

var (
	// ClusterSecrets lists the ids of what it takes to talk to the cluster, in the
	// order in which steps mount them.
	ClusterSecrets = variable.Names(func(s variable.Secret) bool { return s.Step == variable.ClusterStep })
	// RequiredSecrets lists the ids without which nobody can talk to the cluster.
	RequiredSecrets = variable.Names(func(s variable.Secret) bool { return s.Required })
	// CertificateSecrets lists the ids whose values have many lines.
	CertificateSecrets = variable.Names(func(s variable.Secret) bool { return s.Kind == variable.KindCertificate })
	// Secrets lists every id.
	Secrets = slices.Concat(ClusterSecrets, variable.Names(func(s variable.Secret) bool { return s.Step == variable.TrustStep }))

	// TokenVariables hold tokens. No image may give one of them a value.
	TokenVariables = variable.Names(func(s variable.Secret) bool { return s.Kind.IsToken() })
	// APITokenVariables hold API tokens, which the start helper keeps from the app.
	APITokenVariables = variable.Names(func(s variable.Secret) bool { return s.Kind == variable.KindAPIToken })
)
