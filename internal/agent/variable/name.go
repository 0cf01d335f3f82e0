package variable

// Prefix begins all names of this package, and FileSuffix the end of the name of
// a variable that names a file with the value.
const (
	Prefix     = "DT_"
	FileSuffix = "_FILE"
)

// What it takes to ask the Deployment API. A build is given the values as secrets
// with these ids, a container as variables.
const (
	APIURL   = "DT_API_URL"
	APIToken = "DT_API_TOKEN"
	Tenant   = "DT_TENANT"
	CACert   = "DT_CA_CERT" // PEM, added to the system's roots
	Proxy    = "DT_PROXY"
	// AgentCA is PEM, of the authority that the agent itself trusts.
	AgentCA = "DT_AGENT_CA"
	// InstallerCA is PEM, of the authority that has to vouch for whoever signed
	// the installer. With it an installer that is not signed is refused.
	InstallerCA = "DT_INSTALLER_CA"
	// PaaSToken is the API token in older documents of the vendor.
	PaaSToken = "DT_PAAS_TOKEN"
)

// What the agent reads.
//
// Source: the vendor's documentation of OneAgent code modules for containers.
const (
	TenantToken     = "DT_TENANTTOKEN"
	ConnectionPoint = "DT_CONNECTION_POINT"
	NetworkZone     = "DT_NETWORK_ZONE"
	Active          = "DT_AGENTACTIVE"
	// ConfigDir replaces /var/lib in the paths of the files that the agent reads
	// there.
	ConfigDir    = "DT_VAR_CONFIG_DIR"
	Storage      = "DT_STORAGE"
	LogLevelFile = "DT_LOGLEVELFILE"
	// The names of the process, and what people say about it.
	ApplicationID       = "DT_APPLICATIONID"
	HostID              = "DT_HOST_ID"
	DeploymentMetadata  = "DT_DEPLOYMENT_METADATA"
	CustomProperties    = "DT_CUSTOM_PROP"
	ReleaseVersion      = "DT_RELEASE_VERSION"
	ReleaseProduct      = "DT_RELEASE_PRODUCT"
	ReleaseBuildVersion = "DT_RELEASE_BUILD_VERSION"
	// The vendor's agent for functions has its own.
	ConnectionAuthToken = "DT_CONNECTION_AUTH_TOKEN"
	ConnectionBaseURL   = "DT_CONNECTION_BASE_URL"
)

// What dt-start itself reads.
const (
	StartPrefix          = "DT_START_"
	StartTimeout         = "DT_START_TIMEOUT"
	StartOnError         = "DT_START_ON_ERROR"
	StartLog             = "DT_START_LOG"
	StartForce           = "DT_START_FORCE"
	StartKeepToken       = "DT_START_KEEP_TOKEN"
	StartTrustImage      = "DT_START_TRUST_IMAGE"
	StartHideServices    = "DT_START_HIDE_SERVICES"
	StartDownloadTimeout = "DT_START_DOWNLOAD_TIMEOUT"
	AgentDir             = "DT_AGENT_DIR"
)

// What the frontend tells the programs in its build steps.
const (
	// InstallMachine is what uname(1) prints as the machine.
	InstallMachine = "DT_INSTALL_MACHINE"
	// FrontendVersion is dt-install's release.
	FrontendVersion = "DT_FRONTEND_VERSION"
)
