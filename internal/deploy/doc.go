// Package deploy is the client of the cluster's Deployment API v1: connection
// info, the target version and the installer.
//
// It is linked into dt-start, so it uses the standard library, the backoff
// module and internal/agent, and does nothing when it is merely loaded. No
// error of it holds the API token, the tenant token, the environment's id or
// what stands before the @ of a URL.
package deploy
