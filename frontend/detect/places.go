package detect

import (
	"context"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/util/system"
	"github.com/org/dt-frontend/internal/agent"
)

// places are the folders in which programs lie that are not on PATH: those of
// distributions, of the vendors' installers, and of images on Docker Hub.
var places = []string{
	"/usr/lib/jvm/*/bin", "/usr/lib/jvm/*/jre/bin", "/usr/lib64/jvm/*/bin",
	"/usr/lib64/graalvm/*/bin", "/usr/java/*/bin", "/opt/java/*/bin", "/usr/local/openjdk-*/bin",
	"/usr/share/dotnet", "/usr/lib/dotnet", "/usr/lib64/dotnet", "/usr/local/share/dotnet", "/root/.dotnet",
	"/nodejs/bin", "/usr/local/lib/nodejs/*/bin",
	"/usr/local/nvm/versions/node/*/bin", "/root/.nvm/versions/node/*/bin",
	"/usr/local/nginx/sbin", "/usr/local/openresty/nginx/sbin",
	"/usr/local/apache2/bin",
	"/opt/dotnet", "/opt/*/bin", "/opt/*/sbin", "/opt/bitnami/*/bin", "/opt/bitnami/*/sbin",
}

// homesBelow says where below a variable's folder programs lie.
var homesBelow = map[string]string{
	"JAVA_HOME":    "bin",
	"JRE_HOME":     "bin",
	"NODE_HOME":    "bin",
	"NVM_DIR":      "versions/node/*/bin",
	"DOTNET_ROOT":  ".",
	"HTTPD_PREFIX": "bin",
}

// homes returns the folders that variables tell of.
func homes(env []string) []string {
	var out []string
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		if below, ok := homesBelow[name]; ok && path.IsAbs(value) {
			out = append(out, path.Join(literal(value), below))
		}
	}
	return out
}

// searchPath returns the absolute folders of PATH, each once. Without it, what
// runs the image sets the usual one.
func searchPath(env []string) []string {
	value := system.DefaultPathEnvUnix
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, "PATH="); ok {
			value = v
		}
	}
	var out []string
	for dir := range strings.SplitSeq(value, ":") {
		if path.IsAbs(dir) && !slices.Contains(out, literal(path.Clean(dir))) {
			out = append(out, literal(path.Clean(dir)))
		}
	}
	return out
}

// literal makes a pattern that only name matches.
func literal(name string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(name)
}

// expand returns the folders that a pattern names, which has at most whole
// names with wildcards. Ours is none of an app's.
func expand(ctx context.Context, files Files, pattern string) ([]string, error) {
	dirs := []string{"/"}
	for _, part := range split(pattern) {
		if !strings.ContainsAny(part, `*?[\`) {
			for i := range dirs {
				dirs[i] = path.Join(dirs[i], part)
			}
			continue
		}
		var next []string
		for _, dir := range dirs {
			below, err := matching(ctx, files, dir, part)
			if err != nil {
				return nil, err
			}
			next = append(next, below...)
		}
		dirs = next
	}
	return dirs, nil
}

// matching returns the folders in dir whose names match. A folder in which one
// name is no UTF-8 cannot be listed, and counts as empty.
func matching(ctx context.Context, files Files, dir, pattern string) ([]string, error) {
	entries, err := List(ctx, files, dir)
	if err != nil {
		return nil, ctx.Err()
	}
	var out []string
	for _, st := range entries {
		name := path.Join(dir, st.Path)
		ok, err := path.Match(pattern, st.Path)
		if err != nil || !ok || name == agent.Root || os.FileMode(st.Mode).IsRegular() {
			continue
		}
		out = append(out, name)
	}
	return out, nil
}
