package variable

// Step says which build steps are given a value as a secret.
type Step int

const (
	// NoStep is for what only a container is given.
	NoStep Step = iota
	// ClusterStep talks to the cluster.
	ClusterStep
	// TrustStep writes the certificates for the agent.
	TrustStep
)

// Secret is a variable whose value is confidential.
type Secret struct {
	Name string
	Kind Kind
	// Step is given the value in a build, as the secret whose id is Name.
	Step Step
	// Required says that no such step does without.
	Required bool
}

// Secrets lists all variables with confidential values. Build steps mount the
// secrets in this order, which is in every cache key.
var Secrets = []Secret{
	{APIURL, KindAPIAddress, ClusterStep, false},
	{APIToken, KindAPIToken, ClusterStep, true},
	{Tenant, KindTenant, ClusterStep, true},
	{CACert, KindCertificate, ClusterStep, false},
	{Proxy, KindProxy, ClusterStep, false},
	{InstallerCA, KindCertificate, ClusterStep, false},
	{AgentCA, KindCertificate, TrustStep, false},
	{PaaSToken, KindAPIToken, NoStep, false},
	{TenantToken, KindTenantToken, NoStep, false},
	{ConnectionAuthToken, KindTenantToken, NoStep, false},
	{ConnectionPoint, KindEndpoint, NoStep, false},
	{ConnectionBaseURL, KindEndpoint, NoStep, false},
}

// KindOf returns the kind of a variable, or an empty one for a variable whose
// value is not confidential.
func KindOf(name string) Kind {
	for _, s := range Secrets {
		if s.Name == name {
			return s.Kind
		}
	}
	return ""
}

// Names returns the names of the secrets that a function chooses, in the order of
// [Secrets].
func Names(choose func(Secret) bool) []string {
	var out []string
	for _, s := range Secrets {
		if choose(s) {
			out = append(out, s.Name)
		}
	}
	return out
}
