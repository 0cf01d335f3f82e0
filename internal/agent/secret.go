package agent

import "slices"

// SecretsDir is where a build step finds its secrets, one file each, named by
// the secret's id.
const SecretsDir = "/run/secrets/dynatrace"

// Ids of the secrets that a build may be given.
const (
	SecretAPIURL   = "DT_API_URL"
	SecretAPIToken = "DT_API_TOKEN"
	SecretTenant   = "DT_TENANT"
	SecretCACert   = "DT_CA_CERT" // PEM, added to the system's roots
	SecretProxy    = "DT_PROXY"
	SecretAgentCA  = "DT_AGENT_CA" // PEM, of the authority that the agent itself trusts
	// SecretInstallerCA is PEM, of the authority that has to vouch for whoever
	// signed the installer. With it an installer that is not signed is refused.
	SecretInstallerCA = "DT_INSTALLER_CA"
)

// ClusterSecrets lists the ids of what it takes to talk to the cluster, in the
// order in which steps mount them.
var ClusterSecrets = []string{SecretAPIURL, SecretAPIToken, SecretTenant, SecretCACert, SecretProxy, SecretInstallerCA}

// CertificateSecrets lists the ids whose values have many lines.
var CertificateSecrets = []string{SecretCACert, SecretAgentCA, SecretInstallerCA}

// Secrets lists every id.
var Secrets = slices.Concat(ClusterSecrets, []string{SecretAgentCA})
