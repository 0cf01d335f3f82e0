package cluster

import "fmt"

// nodeVersions are the module versions (ABI) of Node.js that have a module of
// their own.
var nodeVersions = []string{"93", "108", "115"}

// addNode adds the technology of which the vendor's trees are public, in their
// form: modules by the technology's version, loaders that know no agent's
// version, scripts for any platform, and files that are listed once for each
// version.
func (t *tree) addNode(platform string) {
	const nodejs = "nodejs"
	node := func(binaryType, version string) listing {
		return listing{technology: nodejs, platform: platform, binaryType: binaryType, techVersion: version}
	}
	both := []listing{node("", "")} // without a version, and for each
	var each []listing
	for _, version := range nodeVersions {
		t.addSelection(nodejs, platform, version)
		both = append(both, node("", version))
		each = append(each, node("primary", version))
	}
	t.addOnce(file{path: t.bin("any", nodejs, "agent.js"), body: text("exports.start = () => {};\n")}, each...)
	for _, name := range []string{"loader.js", "package.json"} {
		t.addOnce(file{path: "agent/bin/any/" + name, body: text("{}\n")}, node("loader", ""))
	}
	t.addFIPS(t.bin(platform), both)
	t.addFIPS("agent/bin/"+platform, both)
	for _, version := range nodeVersions {
		for _, f := range []file{
			{path: t.bin(platform, fmt.Sprintf("oneagentnode_%s.node", version)), listed: []listing{node("", version)}},
			{path: fmt.Sprintf("agent/bin/%s/oneagentnodeloader_%s.node", platform, version), listed: []listing{node("loader", version)}},
		} {
			f.body, f.executable = joined(elfHeader(t.spec.Arch), noise(2000, f.path)), true
			t.addSigned(f)
		}
	}
}

// addOnce adds a file that may be there for another platform: then it is only
// listed once more.
func (t *tree) addOnce(f file, listed ...listing) {
	for i := range t.files {
		if t.files[i].path == f.path {
			t.files[i].listed = append(t.files[i].listed, listed...)
			return
		}
	}
	f.listed = listed
	t.add(f)
}
