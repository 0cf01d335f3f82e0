package cluster

import (
	"slices"

	"github.com/org/dt-frontend/internal/agent"
)

// technologies are the documented values of include, without "all".
var technologies = []string{
	"apache", "dotnet", "envoy", "go", "java", "java-graal-native", "nginx", "nodejs", "php", "python", "ruby", "sdk",
}

// supported says which technologies an architecture and flavor has. That some
// lack some is documented, the exact table for each version is not: this one
// follows the pages on images for musl and on arm64 as far as they go.
var supported = map[platform][]string{
	{agent.ArchX86, agent.FlavorDefault}:     technologies,
	{agent.ArchX86, agent.FlavorMusl}:        without("envoy", "java-graal-native", "ruby", "sdk"),
	{agent.ArchX86, agent.FlavorMultidistro}: technologies,
	{agent.ArchARM, agent.FlavorDefault}:     without("java-graal-native", "ruby"),
	{agent.ArchARM, agent.FlavorMusl}:        {"dotnet", "nginx", "python"},
	{agent.ArchARM, agent.FlavorMultidistro}: without("java-graal-native", "ruby"),
	{agent.ArchPPCLE, agent.FlavorDefault}:   {"apache", "java", "nginx", "nodejs"},
	{agent.ArchS390, agent.FlavorDefault}:    {"apache", "dotnet", "go", "java", "nginx", "nodejs", "sdk"},
}

func without(names ...string) []string {
	return slices.DeleteFunc(slices.Clone(technologies), func(t string) bool {
		return slices.Contains(names, t)
	})
}
