package cluster

import (
	"fmt"
	"os"
	"strings"

	standin "github.com/org/dt-frontend/integration/agent"
	"github.com/org/dt-frontend/internal/agent"
)

// addLibraries adds what each process is given: the preload library, its
// helpers, and the marker that tells environments apart.
func (t *tree) addLibraries() error {
	type library struct {
		dir    string
		flavor agent.Flavor
	}
	libraries := []library{{"lib64", t.spec.Flavor}}
	if t.spec.Flavor == agent.FlavorMultidistro {
		libraries = []library{{"lib64", agent.FlavorDefault}, {"libmusl64", agent.FlavorMusl}}
	}
	for i, platform := range t.platforms() {
		// As in real manifests the first entry has no binary type.
		t.addModule("process", platform, "", "agent/conf/runtime/default/process/binary_"+platform)
		content, err := t.preload(libraries[i].flavor)
		if err != nil {
			return err
		}
		t.add(file{
			path: "agent/" + libraries[i].dir + "/liboneagentproc.so", body: content, executable: true,
			listed: []listing{{"process", platform, "primary"}},
		})
		t.addModule("process", platform, "", t.bin(platform, "oneagenthelper"))
	}
	if t.spec.Bitness == "all" && t.spec.Arch == agent.ArchX86 {
		t.add(file{path: "dynatrace-agent32.sh", body: text(wrapper("lib")), executable: true})
	}
	t.add(file{
		path: t.bin("marker"), body: text(t.environment.marker + "\n"),
		listed: []listing{{"process", t.platforms()[0], ""}},
	})
	return nil
}

func (t *tree) preload(flavor agent.Flavor) (body, error) {
	if t.fault == FaultWrongArch {
		wrong := agent.ArchARM
		if t.spec.Arch == wrong {
			wrong = agent.ArchX86
		}
		return elfHeader(wrong), nil
	}
	path, err := t.environment.server.options.Library(t.spec.Arch, flavor)
	if err != nil {
		return body{}, fmt.Errorf("getting the preload library: %w", err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return body{}, fmt.Errorf("reading the preload library: %w", err)
	}
	return text(string(standin.SetVersion(data, t.spec.Version))), nil
}

// addModule adds a code module: a header that tells its platform, and noise.
func (t *tree) addModule(technology, platform, binaryType, path string) {
	size := 1024 + dice("size", path).Int64N(4096)
	t.add(file{
		path: path, body: joined(elfHeader(t.spec.Arch), noise(size, path)), executable: true,
		listed: []listing{{technology, platform, binaryType}},
	})
}

func (t *tree) addModules() {
	for _, platform := range t.platforms() {
		for _, technology := range t.spec.Include {
			switch technology {
			case "process": // has all it needs
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
		t.add(file{
			path: path, body: noise(min(left, fillerFile), "filler", path),
			listed: []listing{{"process", t.platforms()[0], ""}},
		})
		left -= fillerFile
	}
}
