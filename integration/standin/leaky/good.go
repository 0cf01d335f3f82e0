package leaky

// Good returns images with nothing in them that ties them to an environment.
func Good() []*Image {
	return []*Image{
		{Name: "instrumented", Form: FormLayout, platforms: []platform{instrumented("amd64"), instrumented("arm64")},
			statement: `{"predicate":{"args":{"build-arg:VERSION":"1"}}}`},
		{Name: "instrumented-zstd", Form: FormArchive, platforms: []platform{zstdAll(instrumented("amd64"))}},
		{Name: "instrumented-saved", Form: FormDockerArchive, platforms: []platform{instrumented("amd64")}},
		{Name: "copied-by-others", Form: FormLayout, platforms: []platform{others("amd64")}},
		{Name: "runtime", Form: FormArchive, platforms: []platform{runtime("amd64")}},
	}
}

// Plain returns an image without an agent.
func Plain() *Image {
	return &Image{Name: "plain", Form: FormLayout, platforms: []platform{app("amd64")}}
}

func zstdAll(p platform) platform {
	for n := range p.layers {
		p.layers[n].zstd = true
	}
	return p
}
