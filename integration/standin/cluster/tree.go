package cluster

import (
	"io/fs"
	"path"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// file is one entry of an agent's tree that is no plain folder.
type file struct {
	path       string
	body       body
	executable bool
	target     string // of a symlink
	folder     bool
	listed     []listing // in the manifest; none if it is not there
	// template is the content of which the manifest has the checksum, where a
	// cluster delivers the file filled in.
	template string
	// Of what no agent has.
	hardlink string
	special  fs.FileMode
}

// listing is where a manifest names a file.
type listing struct {
	technology, platform, binaryType string
	techVersion                      string // of the technology, such as an ABI
	version                          string // of the file; by default the agent's
}

// tree is what an installer unpacks.
type tree struct {
	environment *Environment
	spec        Spec
	fault       FaultKind
	files       []file
	links       []Link
}

// newTree makes a tree. Equal specs of one environment give equal trees.
func (e *Environment) newTree(s Spec, fault FaultKind) (*tree, error) {
	t := &tree{environment: e, spec: s, fault: fault}
	if err := t.addLibraries(); err != nil {
		return nil, err
	}
	t.addModules()
	t.addCommon()
	t.addFiller()
	t.addMany()
	t.addScripts()
	t.addConfig()
	t.addLogs()
	for _, p := range e.settings.oddPlaces {
		t.addOddLink(p)
	}
	return t, nil
}

func (t *tree) add(f file) { t.files = append(t.files, f) }

// addLink adds a file that holds links which the documentation tells of.
func (t *tree) addLink(path, content string, names ...string) {
	t.addLinked(file{path: path}, content, names...)
}

// addLinked is addLink for a file of which more is to be said.
func (t *tree) addLinked(f file, content string, names ...string) {
	f.body = text(content)
	t.add(f)
	for _, name := range names {
		t.links = append(t.links, Link{Path: f.path, Place: PlaceDocumented, Encoding: "plain", Name: name})
	}
}

// linked says whether the documented files hold links.
func (t *tree) linked() bool {
	return !t.spec.SkipMetadata || t.environment.settings.ignoreSkip
}

func (t *tree) endpoints() string {
	return strings.Join(t.environment.endpoints(t.spec.NetworkZone), ";")
}

// old says whether the version has the configuration files of former times.
// Since when they are gone is not documented.
func (t *tree) old() bool { return t.before(300) }

// platformKey is how manifests and folders call a platform. Only the one for
// x86-64 with glibc is documented.
func platformKey(arch agent.Arch, musl bool) string {
	key := map[agent.Arch]string{
		agent.ArchX86: "x86-64", agent.ArchARM: "arm-64", agent.ArchPPCLE: "ppc-64le", agent.ArchS390: "s390-64",
	}[arch]
	if musl {
		key = "musl-" + key
	}
	return "linux-" + key
}

// platforms are the tree's own: two in one of flavor multidistro.
func (t *tree) platforms() []string {
	switch t.spec.Flavor {
	case agent.FlavorMusl:
		return []string{platformKey(t.spec.Arch, true)}
	case agent.FlavorMultidistro:
		return []string{platformKey(t.spec.Arch, false), platformKey(t.spec.Arch, true)}
	default:
		return []string{platformKey(t.spec.Arch, false)}
	}
}

func (t *tree) bin(elem ...string) string {
	return path.Join(append([]string{"agent/bin", t.spec.Version}, elem...)...)
}

// mode is untidy on purpose: what an installer leaves is nobody's promise.
func (t *tree) mode(f file) fs.FileMode {
	r := dice(t.environment.name, t.spec.Version, "mode", f.path)
	switch {
	case f.special != 0:
		return f.special
	case f.folder:
		return pick(r, []fs.FileMode{0o755, 0o775, 0o777, 0o700})
	case f.target != "":
		return 0o777
	case f.executable:
		return pick(r, []fs.FileMode{0o755, 0o775, 0o700, 0o555})
	default:
		return pick(r, []fs.FileMode{0o644, 0o664, 0o600, 0o444, 0o666})
	}
}
