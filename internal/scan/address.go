package scan

import (
	"net"
	"net/url"
	"strings"
)

// Address returns what to look for so that no trace of a server's address is
// left: the address as it stands, its host, and a user and password in it. A
// host that says nothing, such as localhost, is looked for together with its
// port only.
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
	if !isLocal(u.Hostname()) {
		add("host", u.Hostname())
	}
	if u.User != nil {
		add("user", u.User.Username())
		password, _ := u.User.Password()
		add("password", password)
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
