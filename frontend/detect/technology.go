package detect

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Technologies returns, sorted, what an image can start: by its PATH, its
// command, and the usual places. Nothing counts but what is there and can be
// executed.
func Technologies(ctx context.Context, files Files, cfg ocispecs.ImageConfig) ([]string, error) {
	found := map[string]bool{}
	for _, dir := range slices.Concat(searchPath(cfg.Env), homes(cfg.Env), places) {
		if err := inFolders(ctx, files, dir, found); err != nil {
			return nil, err
		}
	}
	if err := inCommand(ctx, files, cfg, found); err != nil {
		return nil, err
	}
	if err := bundledDotnet(ctx, files, cfg, found); err != nil {
		return nil, err
	}
	maps.DeleteFunc(found, func(_ string, ok bool) bool { return !ok })
	return slices.Sorted(maps.Keys(found)), nil
}

// inFolders adds what lies in the folders that a pattern names.
func inFolders(ctx context.Context, files Files, pattern string, found map[string]bool) error {
	dirs, err := expand(ctx, files, pattern)
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		entries, err := candidates(ctx, files, dir)
		if err != nil {
			return err
		}
		for _, st := range entries {
			tech := technologyOf(st.Path)
			if tech == "" || found[tech] || isApplet(st, entries) {
				continue
			}
			if found[tech], err = isProgram(ctx, files, path.Join(dir, st.Path)); err != nil {
				return err
			}
		}
	}
	return nil
}

// inCommand adds what the image's command names with its path.
func inCommand(ctx context.Context, files Files, cfg ocispecs.ImageConfig, found map[string]bool) error {
	for _, name := range named(cfg) {
		tech := technologyOf(path.Base(name))
		if tech == "" || found[tech] {
			continue
		}
		ok, err := isProgram(ctx, files, name)
		if err != nil {
			return err
		}
		found[tech] = ok
	}
	return nil
}

// bundledDotnet adds .NET where an app brings its own, as self-contained ones
// do: then there is no program called dotnet.
func bundledDotnet(ctx context.Context, files Files, cfg ocispecs.ImageConfig, found map[string]bool) error {
	dirs := []string{path.Join("/", cfg.WorkingDir)}
	for _, name := range named(cfg) {
		dirs = append(dirs, path.Dir(name))
	}
	for _, dir := range dirs {
		if found["dotnet"] {
			return nil
		}
		_, st, err := Find(ctx, files, path.Join(dir, "libcoreclr.so"))
		if err != nil {
			return err
		}
		found["dotnet"] = st != nil
	}
	return nil
}

// named returns the paths in an image's entrypoint and command. Those of the
// shell form are one argument with a whole line in it.
func named(cfg ocispecs.ImageConfig) []string {
	var out []string
	for _, arg := range slices.Concat(cfg.Entrypoint, cfg.Cmd) {
		for _, word := range strings.Fields(arg) {
			if !strings.Contains(word, "/") {
				continue
			}
			if !path.IsAbs(word) {
				word = path.Join("/", cfg.WorkingDir, word)
			}
			if !slices.Contains(out, word) {
				out = append(out, word)
			}
		}
	}
	return out
}
