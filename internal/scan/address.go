package scan

import (
	"net"
	"net/url"
	"strings"
)

// Address returns what to look for so that no trace of a server's address is
// left: the address as it stands, its host, and a user with a password in it.
//
// A host that says nothing is looked for only where it is surely one, with its
// port or behind a scheme: localhost, and single words such as proxy, which any
// text may hold.
func Address(kind, address string) []Value {
	address = strings.TrimSpace(address)
	if address == "" {
		return nil
	}
	out := []Value{{Kind: kind, Value: address}}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		// Without a scheme.
		if u, err = url.Parse("//" + address); err != nil || u.Host == "" {
			return out
		}
	}
	add := func(what, value string) {
		if value != "" && value != address {
			out = append(out, Value{Kind: kind + " " + what, Value: value})
		}
	}
	if u.Port() != "" {
		add("host", u.Host)
	}
	switch {
	case isLocal(u.Hostname()):
	case isSingleWord(u.Hostname()):
		add("host", "://"+u.Hostname())
	default:
		add("host", u.Hostname())
	}
	if password, ok := u.User.Password(); ok {
		add("password", u.User.Username()+":"+password)
	}
	return out
}

// isSingleWord reports whether a host has neither a domain nor is an IP address.
func isSingleWord(host string) bool {
	return !strings.ContainsAny(host, ".:")
}

func isLocal(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
}
