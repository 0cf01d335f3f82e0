// Package network tests how a build reaches its cluster: by networks, proxies,
// added hosts and redirects, or not at all.
package network
