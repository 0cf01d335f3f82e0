package verify

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"

	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/manifest"
	"github.com/org/dt-frontend/internal/deploy/authority"
)

// customCAFile is where agents read certificates, as archives have it.
var customCAFile = strings.TrimPrefix(agent.CustomCAPath, "/")

// isCustomCA reports whether a path may be that of certificates that an agent
// trusts: [agent.CustomCAPath], wherever symlinks or a variable have put it. An
// installer's certificates have such a path, too, below the agent's directory.
func isCustomCA(name string) bool {
	return strings.HasSuffix("/"+name, agent.CustomCAIn("/"))
}

// certificates looks at the file with certificates that an agent trusts, which
// hide names from a scan of their text. It reports whether the file holds
// certificates of authorities: anything else belongs to an environment.
func (v *visitor) certificates(where Leak, name string, dt []byte) bool {
	bundle, err := authority.Parse(dt)
	if err != nil {
		return false
	}
	// An environment may have put other text into its installer. Of what people
	// have put where the agent reads it the scan sees the text.
	if isIn(name, agentFolder) && !bytes.Equal(dt, bundle.PEM()) {
		return false
	}
	v.content(where, bundle.Find(v.scanner))
	if known := v.layer.facts.files[name]; known != nil {
		known.ca = digest.FromBytes(dt)
		v.layer.facts.customCA[name] = true
	}
	return true
}

// settle reports certificates that came with an agent: an installer leaves those
// of its environment in the agent's own directory, where no agent reads them and
// no build puts any. A label that names them says that they are the build's,
// should somebody have made one layer and one directory of all.
func (v *visitor) settle() {
	f := v.layer.facts
	for _, name := range slices.Sorted(maps.Keys(f.customCA)) {
		dir := strings.TrimSuffix("/"+name, strings.TrimPrefix(agent.CustomCAIn("/"), "/"+agent.Suffix))
		if f.hasAgent(strings.TrimPrefix(dir, "/")) && !v.named[f.files[name].ca] {
			leak := leakAt(v.search.File(name))
			leak.Kind, leak.Form = kindSettings, "file"
			v.found(leak)
		}
	}
}

// hasAgent reports whether a layer has an agent in a directory.
func (f *facts) hasAgent(dir string) bool {
	return f.files[path.Join(dir, manifest.File)] != nil || f.files[path.Join(dir, agent.PreloadLibrary)] != nil
}

// noteCA says which certificates the image's agent trusts.
func (d *described) noteCA() {
	config := d.image.Config.Config
	said := config.Labels[agent.LabelCA]
	name, ca := d.customCA()
	if ca != "" && said == ca.String() {
		d.note("its agent trusts certificates that the build was given: %s", ca)
		said = ""
	} else if ca != "" {
		d.note("its agent trusts the certificates in /%s: %s", name, ca)
	}
	if said != "" {
		d.note("the label says that the agent trusts the certificates %s, which are not in %s", said, agent.CustomCAPath)
	}
	dir := variable(config.Env, agent.VarConfigDir)
	if read := agent.CustomCAIn(dir); name != "" && read != agent.CustomCAPath && read != "/"+name {
		d.note("%s=%s: the agent reads certificates from %s, and not from /%s", agent.VarConfigDir, dir, read, name)
	}
}

// customCA returns the file with certificates that the image's agent reads, and
// its digest; both are empty where there is none.
func (d *described) customCA() (name string, ca digest.Digest) {
	for _, have := range d.files.sorted() {
		f := d.files.files[have]
		if !isCustomCA(have) || f.ca == "" || isIn(have, agentFolder) {
			continue
		}
		// A copy through a symlink has another path.
		if name == "" || have == customCAFile {
			name, ca = have, f.ca
		}
	}
	return name, ca
}

// checkCertificates says why an image may have certificates that its agent
// trusts and that are not some of cas; "" says that it has none.
func (d *described) checkCertificates(cas []digest.Digest) (string, error) {
	to, ok, err := real(d.layers, customCAFile, d.budget)
	if err != nil {
		return "", err
	}
	hidden, err := aliased(d.layers, path.Dir(customCAFile), d.budget)
	if err != nil {
		return "", err
	}
	if !ok || !isCustomCA(to) || hidden {
		return "files of it lie behind a symlink that leads to the certificates which its agent trusts", nil
	}
	for _, name := range d.files.sorted() {
		f := d.files.files[name]
		if !isCustomCA(name) || f.dir || isIn(name, agentFolder) {
			continue
		}
		if f.ca == "" {
			return "/" + name + " is not a file with certificates of authorities", nil
		}
		if !slices.Contains(cas, f.ca) {
			return "it trusts certificates that were not asked for, " + f.ca.String() + ": give --agent-ca if they are yours", nil
		}
	}
	return "", nil
}
