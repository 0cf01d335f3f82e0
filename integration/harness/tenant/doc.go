// Package tenant gives each test a stand-in cluster with an environment of its
// own, and what people pass to builds and containers for it.
package tenant
