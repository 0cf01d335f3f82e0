package cluster

import (
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"path"
	"strconv"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// minor is the version's second number, which tells releases apart.
func (t *tree) minor() int {
	minor, _ := strconv.Atoi(strings.Split(t.spec.Version, ".")[1])
	return minor
}

// before says whether the version is older than a release in which trees
// changed. The releases are those of the vendor's npm packages in which a change
// was first seen.
func (t *tree) before(minor int) bool { return t.minor() < minor }

// seeded is dice that are equal for all environments of a server, as they have
// the same agent.
func (t *tree) seeded(name string) *rand.Rand {
	return dice(strconv.FormatInt(t.environment.server.options.Seed, 10), t.spec.Version, name)
}

// groups are the tree's technologies as its manifest has them.
func (t *tree) groups() []string {
	var groups []string
	if !t.environment.settings.noProcess {
		groups = append(groups, processGroup)
	}
	for _, technology := range t.spec.Include {
		if technology != processGroup {
			groups = append(groups, technology)
		}
	}
	return groups
}

// everywhere lists a file that belongs to no technology: as in real manifests
// under each of them.
func (t *tree) everywhere() []listing {
	var all []listing
	for _, platform := range t.platforms() {
		all = append(all, t.on(platform)...)
	}
	return all
}

// on is everywhere for one platform.
func (t *tree) on(platform string) []listing {
	var all []listing
	for _, group := range t.groups() {
		all = append(all, listing{technology: group, platform: platform})
	}
	return all
}

// addCommon adds what a tree has that is neither a library nor a module.
func (t *tree) addCommon() {
	t.add(file{path: "agent/installer.version", body: text(t.spec.Version), listed: t.everywhere()})
	placeholder := text("# there is nothing in here\n")
	t.add(file{path: "log/ignore_me.txt", body: placeholder, listed: t.everywhere()})
	if !t.before(221) {
		t.add(file{path: "datastorage/ignore_me.txt", body: placeholder, listed: t.everywhere()})
	}
	for _, name := range []string{"ruxitserver.pem", "ruxitserverfull.pem"} {
		t.add(file{path: "agent/conf/" + name, body: certificates(name, 1+len(name)/8), listed: t.everywhere()})
	}
	// Product tests switch FIPS mode on with any version.
	t.add(file{path: "agent/dt_fips_disabled.flag", body: text(""), listed: t.everywhere()})
	if !t.before(281) {
		keys := t.everywhere()
		for i := range keys {
			keys[i].version = "20240522-111800"
		}
		t.add(file{path: "agent/authorizedkeys/autoupdate/cacert.pem", body: certificates("cacert.pem", 1), listed: keys})
	}
	// In the zip the link is missing: who unpacks it has to make it.
	if t.spec.Type == TypePaaSScript {
		t.add(file{path: "agent/bin/current", target: t.spec.Version})
	}
}

// certificates is text in the form of n certificates that are not any.
func certificates(name string, n int) body {
	var b strings.Builder
	for i := range n {
		der := make([]byte, 700)
		_, _ = io.ReadFull(stream("certificate", name, fmt.Sprint(i)), der) // never fails
		encoded := base64.StdEncoding.EncodeToString(der)
		b.WriteString("-----BEGIN CERTIFICATE-----\n")
		for len(encoded) > 64 {
			b.WriteString(encoded[:64] + "\n")
			encoded = encoded[64:]
		}
		b.WriteString(encoded + "\n-----END CERTIFICATE-----\n")
	}
	return text(b.String())
}

// addFIPS adds the FIPS providers of a directory with libraries.
func (t *tree) addFIPS(dir string, listed []listing) {
	if t.before(303) {
		return
	}
	for i := range 5 {
		name := "fips.so"
		if i > 0 {
			name = fmt.Sprintf("fips%d.so", i)
		}
		// All are the same file, and only the name differs.
		t.add(file{
			path: path.Join(dir, name), body: joined(elfHeader(t.spec.Arch), noise(2000, "fips")), executable: true, listed: listed,
		})
	}
	t.add(file{
		path: path.Join(dir, "fipsmodule.cnf"), listed: listed,
		body: text("openssl_conf = init\n\n[init]\nproviders = providers\n\n[providers]\nfips = fips\n\n[fips]\nactivate = 0\n"),
	})
}

// addSigned adds a program with the file of its HMAC, which is empty.
func (t *tree) addSigned(f file) {
	t.add(f)
	if t.before(281) {
		return
	}
	hmac := file{path: f.path + ".hmac", body: text("")}
	for _, l := range f.listed {
		l.binaryType = ""
		hmac.listed = append(hmac.listed, l)
	}
	t.add(hmac)
}

// addMany adds as many small files as large technologies have.
func (t *tree) addMany() {
	for i := range t.environment.settings.smallFiles {
		name := t.bin("any", "modules", fmt.Sprintf("group-%02d", i%40), "lib", "esm", fmt.Sprintf("module-%04d.js", i))
		t.add(file{path: name, body: text(fmt.Sprintf("exports.number = %d;\n", i)), listed: t.on(t.platforms()[0])})
	}
}

// is32 says whether the tree has a library for 32-bit processes.
func (t *tree) is32() bool {
	return t.spec.Arch == agent.ArchX86 && t.spec.Flavor != agent.FlavorMusl &&
		(t.spec.Bitness == "all" || t.environment.settings.library32)
}
