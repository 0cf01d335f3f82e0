package leaky

import (
	"encoding/json"
	"fmt"
)

// Names of leaks' kinds.
const (
	apiToken    = "API token"
	tenant      = "environment id"
	tenantToken = "tenant token"
	endpoint    = "communication endpoint"
	apiAddress  = "API address"
	settings    = "environment's settings"
	run         = "what a run of an agent left"
)

// Bad returns images that are instrumented and leak, each in one way.
func Bad(s Secrets) []*Image {
	var all []*Image
	all = append(all, badDocuments(s)...)
	all = append(all, badLayers(s)...)
	all = append(all, badAgents(s)...)
	all = append(all, badForms(s)...)
	return append(all, badStores(s)...)
}

// bad begins an image for one platform.
func bad(name, leak, part, place string) *Image {
	return &Image{Name: name, Form: FormLayout, Leak: leak, Part: part, Place: place, platforms: []platform{instrumented("amd64")}}
}

// badDocuments leak in the documents of an image.
func badDocuments(s Secrets) []*Image {
	annotated := bad("annotation-of-the-index", apiToken, "index", "annotations.org.example.note")
	annotated.annotations = map[string]string{"org.example.note": "built with " + s.APIToken}
	ofManifest := bad("annotation-of-a-manifest", apiToken, "manifest", "annotations.org.example.note").
		each(func(p *platform) { p.annotations = map[string]string{"org.example.note": s.APIToken} })
	statement := bad("attestation", tenantToken, "attestation", "predicate.args.build-arg:DT_TENANTTOKEN")
	statement.statement = statementOf(map[string]string{"build-arg:DT_TENANTTOKEN": s.TenantToken}, "FROM scratch")
	dockerfile := bad("attestation-with-the-dockerfile", tenant, "attestation", "predicate.source: DT_TENANT")
	dockerfile.statement = statementOf(nil, "FROM debian\nENV DT_TENANT="+s.Tenant+"\n")
	return []*Image{
		bad("build-arg-in-the-history", apiToken, "config", "history[2].created_by: DT_API_TOKEN").
			history("RUN |1 DT_API_TOKEN=legacy-" + s.TenantToken + " /bin/sh -c wget \"$DT_API_URL?Api-Token=$DT_API_TOKEN\" # buildkit"),
		bad("token-in-an-address-in-the-history", apiToken, "config", "history[2].created_by").
			history("RUN /bin/sh -c wget '" + s.APIURL + "/v1/deployment?Api-Token=" + s.APIToken + "'"),
		bad("variable", tenantToken, "config", "config.Env[2]: DT_TENANTTOKEN").Env("DT_TENANTTOKEN=" + s.TenantToken),
		bad("variable-of-the-address", apiAddress, "config", "config.Env[2]: DT_API_URL").Env("DT_API_URL=" + s.APIURL),
		bad("label", apiToken, "config", "config.Labels.org.example.token").Label("org.example.token", s.APIToken),
		annotated, ofManifest, statement, dockerfile,
	}
}

// statementOf is provenance with build args and a Dockerfile.
func statementOf(args map[string]string, dockerfile string) string {
	dt, err := json.Marshal(map[string]any{"predicate": map[string]any{"args": args, "source": []byte(dockerfile)}})
	if err != nil {
		panic(err) // it is made of strings
	}
	return string(dt)
}

// badLayers leak in files of the app.
func badLayers(s Secrets) []*Image {
	token := "token=" + s.APIToken + "\n"
	behind := bad("behind-the-end-of-a-layer", apiToken, "layer", "").add()
	behind.each(func(p *platform) { p.layers[len(p.layers)-1].behind = token })
	second := bad("second-platform-only", apiToken, "layer", "app/.env")
	second.platforms = append(second.platforms, instrumented("arm64"))
	second.platforms[1].layers = append(second.platforms[1].layers, layer{files: []File{{Name: "app/.env", Content: token}}})
	return []*Image{
		bad("deleted-file", apiToken, "layer", "tmp/install.sh").
			add(File{Name: "tmp/install.sh", Content: token}).add(File{Name: "tmp/.wh.install.sh"}),
		bad("deleted-folder", apiToken, "layer", "tmp/dt/install.sh").
			add(File{Name: "tmp/dt/install.sh", Content: token}).add(File{Name: "tmp/dt/.wh..wh..opq"}),
		bad("replaced-file", apiToken, "layer", "app/.env").
			add(File{Name: "app/.env", Content: token}).add(File{Name: "app/.env", Content: "token=none\n"}),
		bad("name-of-a-file", apiToken, "layer", "var/cache/…").
			add(File{Name: "var/cache/" + s.APIToken + "/agent.zip", Content: "PK"}),
		bad("target-of-a-symlink", apiToken, "layer", "var/token").
			add(File{Name: "var/token", Target: "/run/" + s.APIToken}),
		bad("attribute-of-a-file", apiToken, "layer", "app/marked").
			add(File{Name: "app/marked", Records: map[string]string{"SCHILY.xattr.user.origin": s.APIToken}}),
		behind, second,
	}
}

// badAgents have an agent with links to its cluster, and no value of known form.
func badAgents(s Secrets) []*Image {
	manifest := fmt.Sprintf(`{"version":"%s","technologies":{"process":{}},"tenantUUID":"","communicationEndpoints":["%s"]}`, Version, s.Endpoint)
	conf := "[general]\nserverAddress {*https://127.0.0.1/communication}{" + s.Endpoint + "}\n"
	return []*Image{
		bad("endpoints-in-the-manifest", endpoint, "layer", oneagent+"manifest.json").
			replace(oneagent+"manifest.json", manifest),
		bad("tenant-token-in-ruxitagentproc", tenantToken, "layer", oneagent+"agent/conf/ruxitagentproc.conf").
			replace(oneagent+"agent/conf/ruxitagentproc.conf", "[general]\ntenantToken "+s.TenantToken+"\n"),
		bad("address-in-standalone", endpoint, "layer", oneagent+"agent/conf/standalone.conf").
			add(File{Name: oneagent + "agent/conf/standalone.conf", Content: conf}),
		bad("tenant-in-container-conf", tenant, "layer", oneagent+"agent/config/container.conf").
			add(File{Name: oneagent + "agent/config/container.conf", Content: "[host]\ntenant " + s.Tenant + "\n"}),
		bad("tenant-in-the-env-script", tenant, "layer", oneagent+"dynatrace-env.sh").
			replace(oneagent+"dynatrace-env.sh", "# dynatrace-env.sh\nDT_TENANT=${DT_TENANT:-"+s.Tenant+"}\nexport DT_TENANT\n"),
		bad("agent-elsewhere", tenantToken, "layer", "home/app/dynatrace/oneagent/agent/conf/ruxitagentproc.conf").
			add(File{Name: "home/app/dynatrace/oneagent/agent/conf/ruxitagentproc.conf", Content: "tenantToken " + s.TenantToken + "\n"}),
		bad("kubernetes-metadata", run, "layer", oneagent+"agent/config/declarative.cbor").
			add(File{Name: oneagent + "agent/config/declarative.cbor", Content: "\xa1ftenant" + s.Tenant}),
		bad("log-of-an-agent", run, "layer", oneagent+"log/java/app.log").
			add(File{Name: oneagent + "log/java/app.log", Content: "connected\n"}),
		bad("certificate-of-an-environment", settings, "layer", oneagent+"agent/customkeys/custom.pem").
			add(File{Name: oneagent + "agent/customkeys/custom.pem", Content: "-----BEGIN CERTIFICATE-----\n"}),
		bad("installer-script-left-behind", tenantToken, "layer", "tmp/installer.sh").
			add(File{Name: "tmp/installer.sh", Content: "#!/bin/sh\ntail -n +3 \"$0\" | tar xz; exit\n" +
				gzipOf(tarOf("dynatrace/oneagent/dynatrace-env.sh", "export DT_TENANTTOKEN="+s.TenantToken+"\n"))}),
		bad("installer-left-behind", tenantToken, "layer", "tmp/oneagent.zip").
			add(File{Name: "tmp/oneagent.zip", Content: zipOf("dynatrace-env.sh", "export DT_TENANTTOKEN="+s.TenantToken+"\n")}),
	}
}

// badForms have a value written in another way than it is.
func badForms(s Secrets) []*Image {
	one := func(name, file, content string) *Image {
		return bad(name, apiToken, "layer", "app/"+file).add(File{Name: "app/" + file, Content: content})
	}
	all := []*Image{
		one("base64", "data", encodedBase64("user:"+s.APIToken)),
		one("base64-for-addresses", "data", encodedBase64URL("~~~>>>"+s.APIToken+"~")),
		one("utf-16", "data", encodedUTF16("token: "+s.APIToken)),
		one("hexadecimal", "data", encodedHex(s.APIToken)),
		one("gzip-member", "token.txt.gz", gzipOf("token: "+s.APIToken)),
		one("zip-member", "app.zip", zipOf("META-INF/app.properties", "token="+s.APIToken)),
		one("tar-member", "backup.tar", tarOf("etc/token", s.APIToken)),
		one("tar-gz-member", "backup.tar.gz", gzipOf(tarOf("etc/token", s.APIToken))),
		one("archive-without-a-name", "data", zipOf("a.txt", s.APIToken)),
	}
	address := one("url-encoded", "data", "x=1&address="+encodedURL(s.APIURL))
	address.Leak, address.NeedsValue = apiAddress, true
	archived := one("tenant-token-in-an-archive", "app.zip", zipOf("a.txt", s.TenantToken))
	archived.Leak, archived.NeedsValue = tenantToken, true
	return append(all, address, archived)
}

// badStores are stored in another way than most are.
func badStores(s Secrets) []*Image {
	env := File{Name: "app/.env", Content: "token=" + s.APIToken + "\n"}
	zstd := bad("zstd-layer", apiToken, "layer", "app/.env").add(env)
	zstd.each(func(p *platform) { *p = zstdAll(*p) })
	saved := bad("docker-save", apiToken, "layer", "app/.env").add(env)
	saved.Form = FormDockerArchive
	packed := bad("archive", apiToken, "layer", "app/.env").add(env)
	packed.Form = FormArchive
	return []*Image{zstd, saved, packed}
}
