package scan

import (
	"net"
	"net/url"
	"strings"
)

// Address returns what to look for so that no trace of a server's address is
// left: the address as it stands and its host. A host that says nothing, such
// as localhost, is looked for together with its port only.
func Address(kind, address string) []Value {
	address = strings.TrimSpace(address)
	if address == "" {
		return nil
	}
	out := []Value{{Kind: kind, Value: address}}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return out
	}
	if u.Port() != "" {
		out = append(out, Value{Kind: kind + " host", Value: u.Host})
	}
	if !isLocal(u.Hostname()) {
		out = append(out, Value{Kind: kind + " host", Value: u.Hostname()})
	}
	return out
}

func isLocal(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
}
