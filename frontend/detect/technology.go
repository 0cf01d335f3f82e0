package detect

import (
	"context"
	"path"
	"slices"
	"strings"
)

// programs are the executables by which technologies are known. A version may
// follow the name, as in php8.2 or php-fpm8.2.
var programs = map[string]string{
	"java":    "java",
	"node":    "nodejs",
	"nodejs":  "nodejs",
	"nginx":   "nginx",
	"httpd":   "apache",
	"apache2": "apache",
	"php":     "php",
	"php-fpm": "php",
	"dotnet":  "dotnet",
}

// places are where technologies lie that are not on PATH; the glob is one of
// folder names below.
var places = []struct{ dir, technology string }{
	{"/usr/lib/jvm", "java"},
	{"/opt/java", "java"},
	{"/usr/java", "java"},
	{"/usr/share/dotnet", "dotnet"},
	{"/usr/lib/dotnet", "dotnet"},
	{"/usr/local/nginx/sbin", "nginx"},
	{"/usr/local/apache2/bin", "apache"},
}

// Technologies returns, sorted, what is on the PATH of env or at the usual
// places.
func Technologies(ctx context.Context, files Files, env []string) ([]string, error) {
	found := map[string]bool{}
	for _, dir := range pathOf(env) {
		entries, err := List(ctx, files, dir)
		if err != nil {
			return nil, err
		}
		for _, st := range entries {
			if tech, ok := programs[strings.TrimRight(path.Base(st.Path), "0123456789.")]; ok {
				found[tech] = true
			}
		}
	}
	for _, p := range places {
		entries, err := List(ctx, files, p.dir)
		if err != nil {
			return nil, err
		}
		if len(entries) > 0 {
			found[p.technology] = true
		}
	}
	var out []string
	for tech := range found {
		out = append(out, tech)
	}
	slices.Sort(out)
	return out, nil
}

// pathOf returns the absolute folders of PATH, each once.
func pathOf(env []string) []string {
	var out []string
	for _, e := range env {
		v, ok := strings.CutPrefix(e, "PATH=")
		if !ok {
			continue
		}
		out = nil
		for dir := range strings.SplitSeq(v, ":") {
			if path.IsAbs(dir) && !slices.Contains(out, path.Clean(dir)) {
				out = append(out, path.Clean(dir))
			}
		}
	}
	return out
}
