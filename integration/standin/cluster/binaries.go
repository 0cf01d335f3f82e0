package cluster

import (
	"fmt"
	"os"
	"slices"
	"strings"

	standin "github.com/org/dt-frontend/integration/standin/agent"
	"github.com/org/dt-frontend/internal/agent"
)

const (
	processGroup = "process"
	platform32   = "linux-x86-32"
)

// primary makes the listing in the process group one of the primary library.
func primary(listed []listing) []listing {
	listed = slices.Clone(listed)
	for i := range listed {
		if listed[i].technology == processGroup {
			listed[i].binaryType = "primary"
		}
	}
	return listed
}

// addLibraries adds what each process is given: the preload library, its
// helpers, and the marker that tells environments apart. The library is one for
// glibc and musl.
func (t *tree) addLibraries() error {
	for _, platform := range t.platforms() {
		// As in real manifests the first entry has no binary type.
		t.addSelection(processGroup, platform, "")
	}
	listed := t.everywhere()
	if t.before(281) && t.spec.Flavor == agent.FlavorMultidistro {
		// Former ones have one more library, for musl alone.
		listed = t.on(platformKey(t.spec.Arch, false))
		if err := t.addPreload("libmusl64", agent.FlavorMusl, t.on(platformKey(t.spec.Arch, true))); err != nil {
			return err
		}
	}
	if err := t.addPreload("lib64", agent.FlavorDefault, listed); err != nil {
		return err
	}
	for _, platform := range t.platforms() {
		t.addModule(processGroup, platform, "", t.bin(platform, "oneagenthelper"))
	}
	t.addLibrary32()
	t.add(file{
		path: t.bin("marker"), body: text(t.environment.marker + "\n"), listed: t.on(t.platforms()[0]),
	})
	return nil
}

// addPreload adds a directory with the preload library.
func (t *tree) addPreload(dir string, flavor agent.Flavor, listed []listing) error {
	content, err := t.preload(flavor)
	if err != nil {
		return err
	}
	t.addFIPS("agent/"+dir, listed)
	t.addSigned(file{
		path: "agent/" + dir + "/oneagentdumpproc", body: joined(elfHeader(t.spec.Arch), noise(3000, "dumpproc", dir)), executable: true, listed: listed,
	})
	t.addSigned(file{path: "agent/" + dir + "/liboneagentproc.so", body: content, executable: true, listed: primary(listed)})
	return nil
}

// addLibrary32 adds what 32-bit processes would be given.
func (t *tree) addLibrary32() {
	if !t.is32() {
		return
	}
	listed := t.on(platform32)
	t.add(file{path: "dynatrace-agent32.sh", body: text(wrapper("lib")), executable: true, listed: listed})
	t.add(file{
		path: "agent/lib/liboneagentproc.so", body: joined(elfHeader32(), noise(2000, "lib32")), executable: true, listed: primary(listed),
	})
	t.add(file{
		path: t.bin(platform32, "oneagenthelper"), body: joined(elfHeader32(), noise(2000, "helper32")), executable: true, listed: listed,
	})
}

func (t *tree) preload(flavor agent.Flavor) (body, error) {
	if t.fault == FaultWrongArch {
		wrong := agent.ArchARM
		if t.spec.Arch == wrong {
			wrong = agent.ArchX86
		}
		return elfHeader(wrong), nil
	}
	if t.fault == FaultNeedsMusl {
		flavor = agent.FlavorMusl
	}
	name, err := t.environment.server.options.Library(t.spec.Arch, flavor)
	if err != nil {
		return body{}, fmt.Errorf("getting the preload library: %w", err)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return body{}, fmt.Errorf("reading the preload library: %w", err)
	}
	return text(string(standin.SetVersion(data, t.spec.Version))), nil
}

// addSelection adds the file by which an agent finds the module for a version of
// a technology: a line that names it.
func (t *tree) addSelection(technology, platform, version string) {
	if technology == processGroup && t.environment.settings.noProcess {
		return
	}
	t.add(file{
		path:   "agent/conf/runtime/default/" + technology + "/binary" + version + "_" + platform,
		body:   text(t.bin(platform, technology)),
		listed: []listing{{technology: technology, platform: platform, techVersion: version}},
	})
}

// addModule adds a code module: a header that tells its platform, and noise.
func (t *tree) addModule(technology, platform, binaryType, path string) {
	size := 1024 + dice("size", path).Int64N(4096)
	f := file{
		path: path, body: joined(elfHeader(t.spec.Arch), noise(size, path)), executable: true,
		listed: []listing{{technology: technology, platform: platform, binaryType: binaryType}},
	}
	if technology == processGroup {
		f.listed = t.on(platform)
	}
	t.add(f)
}

func (t *tree) addModules() {
	for _, platform := range t.platforms() {
		for _, technology := range t.spec.Include {
			switch technology {
			case processGroup: // has all it needs
			case "nodejs":
				t.addNode(platform)
			case "java":
				t.addModule(technology, platform, "loader", t.bin(platform, "liboneagentloader.so"))
				fallthrough
			default:
				name := "liboneagent" + strings.ReplaceAll(technology, "-", "") + ".so"
				t.addModule(technology, platform, "", t.bin(platform, name))
			}
		}
	}
}

const fillerFile = 16 << 20

// addFiller makes the tree as large as a real one. All environments have the
// same, as they have the same agent.
func (t *tree) addFiller() {
	left := t.environment.settings.filler
	for i := 0; left > 0; i++ {
		path := t.bin("any", fmt.Sprintf("resource-%02d.dat", i))
		t.add(file{path: path, body: noise(min(left, fillerFile), "filler", path), listed: t.on(t.platforms()[0])})
		left -= fillerFile
	}
}
