package links

import (
	"regexp"
	"slices"
	"strings"
)

// Variables are the environment variables that hold links.
var Variables = map[string]Kind{
	"DT_API_TOKEN":        APIToken,
	"DT_PAAS_TOKEN":       APIToken,
	"DT_TENANT":           Tenant,
	"DT_TENANTTOKEN":      TenantToken,
	"DT_API_URL":          APIAddress,
	"DT_CONNECTION_POINT": Endpoint,
	// The vendor's agent for functions has its own.
	"DT_CONNECTION_AUTH_TOKEN": TenantToken,
	"DT_CONNECTION_BASE_URL":   Endpoint,
}

// Assignment is a variable that is given a value.
type Assignment struct {
	Variable string
	Link
}

// assignment finds NAME=VALUE; what stands before NAME must not belong to it.
var assignment = func() *regexp.Regexp {
	var names []string
	for name := range Variables {
		names = append(names, name)
	}
	slices.Sort(names)
	return regexp.MustCompile(`(?:^|[^A-Za-z0-9_])(` + strings.Join(names, "|") + `)(?:\s+=\s+|=)("[^"]*|'[^']*|[^\s"';&|)\\]+)`)
}()

// Assignments returns what a text such as a command line gives to [Variables].
// A reference to another variable is no value, and nor is a placeholder.
func Assignments(text string) []Assignment {
	if !strings.Contains(text, "DT_") {
		return nil
	}
	var out []Assignment
	for _, m := range assignment.FindAllStringSubmatch(text, -1) {
		if value := Literal(m[2]); value != "" {
			out = append(out, Assignment{m[1], Link{Variables[m[1]], value}})
		}
	}
	return out
}

// reference is a variable's in a shell, perhaps with a default.
var reference = regexp.MustCompile(`^\$\{\w+:?[-=]([^}]*)\}?$`)

// Literal returns what a word of a shell holds, or "" for what stands for
// something else: a reference without a default, a command, a placeholder.
func Literal(word string) string {
	word = strings.Trim(word, `"'`)
	if m := reference.FindStringSubmatch(word); m != nil {
		word = strings.Trim(m[1], `"'`)
	}
	if word == "" || strings.ContainsAny(word[:1], "$`<*{%") || strings.Trim(word, ".…") == "" {
		return ""
	}
	return word
}
