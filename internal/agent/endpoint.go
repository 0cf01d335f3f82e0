package agent

import "strings"

// Endpoints returns the communication endpoints that a list names, each once, in
// the list's order. It reads all forms that clusters deliver: URLs between
// semicolons, and since OneAgent 1.207 groups in braces, of which an asterisk
// marks the current one, as in
//
//	{*https://a:9999/communication;https://b/communication}{https://c/communication}
//
// People who write a list themselves separate it with commas and spaces, too.
//
// Source: the vendor's own agent, which takes both forms in DT_CONNECTION_POINT.
func Endpoints(list string) []string {
	var out []string
	seen := map[string]bool{}
	for _, one := range strings.FieldsFunc(list, isBetweenEndpoints) {
		if one = strings.TrimLeft(one, "*"); one != "" && !seen[one] {
			seen[one] = true
			out = append(out, one)
		}
	}
	return out
}

// isBetweenEndpoints reports whether r separates two endpoints: none of these is
// part of a URL.
func isBetweenEndpoints(r rune) bool {
	return strings.ContainsRune(";,{}\"'\r\n\t ", r)
}
