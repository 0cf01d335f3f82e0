package cluster_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/internal/agent"
)

func TestStatus(t *testing.T) {
	e := start(t).AddEnvironment(
		cluster.WithNetworkZones("zone.one"),
		cluster.WithVersions(agent.ArchARM, agent.FlavorMusl),
	)
	for _, tc := range []struct {
		path   string
		status int
		fault  string // a path among the violations
	}{
		{"/unix/paas-sh/latest", 200, ""},
		{"/unix/paas-sh/latest?arch=x86&bitness=64&flavor=musl&include=java&include=nginx&skipMetadata=true", 200, ""},
		{"/unix/paas-sh/latest?include=process", 200, ""},
		{"/unix/paas-sh/latest?networkZone=zone.one", 200, ""},
		{"/unix/paas-sh/latest?networkzone=a+typo+passes", 200, ""},
		{"/unix/paas/version/" + cluster.DefaultVersions[0], 200, ""},
		{"/unix/paas-sh/version/1.1.1.20200101-000000", 404, ""},
		{"/unix/paas-sh/version/1.305", 400, "version"},
		{"/unix/default/latest", 404, ""},
		{"/unix/tarball/latest", 400, "installerType"},
		{"/linux/paas-sh/latest", 400, "osType"},
		{"/unix/paas-sh/latest?flavor=glibc", 400, "flavor"},
		{"/unix/paas-sh/latest?arch=amd64", 400, "arch"},
		{"/unix/paas-sh/latest?arch=sparc", 400, "arch"},
		{"/unix/paas-sh/latest?arch=s390&flavor=musl", 400, "arch"},
		{"/unix/paas-sh/latest?arch=arm&flavor=musl", 404, ""},
		{"/unix/paas-sh/latest?bitness=16", 400, "bitness"},
		{"/unix/paas-sh/latest?bitness=32", 400, "bitness"},
		{"/unix/paas-sh/latest?include=cobol", 400, "include"},
		{"/unix/paas-sh/latest?include=java,nginx", 400, "include"},
		{"/unix/paas-sh/latest?flavor=musl&include=ruby", 400, "include"},
		{"/unix/paas-sh/latest?skipMetadata=yes", 400, "skipMetadata"},
		{"/unix/paas-sh/latest?networkZone=elsewhere", 400, "networkZone"},
		{"/unix/paas-sh/latest?networkZone=a+b", 400, "networkZone"},
		{"/unix/paas-sh/latest/metainfo", 200, ""},
		{"/unix/paas-sh/latest/metainfo?arch=arm&flavor=musl", 404, ""},
		{"/versions/unix/paas-sh?arch=arm&flavor=musl", 200, ""},
		{"/versions/unix/paas-sh?flavor=none", 400, "flavor"},
		{"/connectioninfo?networkZone=elsewhere", 400, "networkZone"},
		{"/connectioninfo?networkZone=elsewhere&defaultZoneFallback=true", 200, ""},
		{"/connectioninfo/endpoints", 200, ""},
		{"/processmoduleconfig?sections=general,agentType", 200, ""},
		{"/processmoduleconfig?sections=other", 400, "sections"},
		{"/processmoduleconfig?revision=x", 400, "revision"},
		{"/elsewhere", 404, ""},
	} {
		t.Run(tc.path, func(t *testing.T) {
			res, body := get(t, e, tc.path)
			if tc.status != 200 {
				require.Equal(t, tc.status, res.StatusCode, "%s", body)
				var doc struct {
					Error struct {
						Code                 int
						Message              string
						ConstraintViolations []struct{ Path, Message, ParameterLocation string }
					}
				}
				require.NoError(t, json.Unmarshal(body, &doc))
				require.Equal(t, tc.status, doc.Error.Code)
				require.NotEmpty(t, doc.Error.Message)
				var paths []string
				for _, v := range doc.Error.ConstraintViolations {
					require.Contains(t, []string{"PATH", "QUERY"}, v.ParameterLocation)
					paths = append(paths, v.Path)
				}
				require.Equal(t, tc.fault, strings.Join(paths, " "))
				return
			}
			require.Equal(t, 200, res.StatusCode)
		})
	}
}

func TestIdentity(t *testing.T) {
	s := start(t)
	a, b := s.AddEnvironment(), s.AddEnvironment()
	require.Regexp(t, `^dt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}$`, a.APIToken())
	require.Regexp(t, `^[a-z0-9]{8}$`, a.ID())
	require.Regexp(t, `^[A-Za-z0-9]{24,}$`, a.TenantToken())
	require.Equal(t, s.URL()+"/e/"+a.ID()+"/api", a.APIURL())
	for i, secret := range a.Secrets() {
		if secret.Value != a.EndpointHosts()[0] { // this server itself
			require.NotEqual(t, secret, b.Secrets()[i])
		}
	}
	require.NotEqual(t, a.Marker(), b.Marker())
}

func TestDocuments(t *testing.T) {
	e := start(t).AddEnvironment(
		cluster.WithTarget("1.310.1.20250101-000000"),
		cluster.WithNetworkZones("zone"),
		cluster.WithModuleConfig(cluster.Property{Section: "general", Key: "dockerInjection", Value: "off"}),
	)
	var meta struct{ LatestAgentVersion string }
	getJSON(t, e, "/unix/paas-sh/latest/metainfo?flavor=musl", &meta)
	require.Equal(t, "1.310.1.20250101-000000", meta.LatestAgentVersion)

	var versions struct{ AvailableVersions []string }
	getJSON(t, e, "/versions/unix/paas-sh?flavor=default&arch=arm", &versions)
	require.Equal(t, append(cluster.DefaultVersions[:3:3], meta.LatestAgentVersion), versions.AvailableVersions)

	var info struct {
		TenantUUID, TenantToken         string
		CommunicationEndpoints          []string
		FormattedCommunicationEndpoints string
	}
	getJSON(t, e, "/connectioninfo", &info)
	require.Equal(t, e.ID(), info.TenantUUID)
	require.Equal(t, e.TenantToken(), info.TenantToken)
	require.Equal(t, e.Endpoints(), info.CommunicationEndpoints)
	require.Equal(t, strings.Join(e.Endpoints(), ";"), info.FormattedCommunicationEndpoints)
	_, list := get(t, e, "/connectioninfo/endpoints?networkZone=zone")
	require.Len(t, strings.Split(string(list), ";"), len(e.Endpoints())+1)

	var config struct {
		Properties []cluster.Property
		Revision   uint64
	}
	getJSON(t, e, "/processmoduleconfig", &config)
	require.Contains(t, config.Properties, cluster.Property{Section: "general", Key: "dockerInjection", Value: "off"})
	require.Contains(t, config.Properties, cluster.Property{Section: "general", Key: "tenant", Value: e.ID()})
	require.Greater(t, config.Revision, uint64(1)<<53)
	require.Less(t, config.Revision, uint64(math.MaxInt64))
	res, _ := get(t, e, fmt.Sprintf("/processmoduleconfig?revision=%d", config.Revision))
	require.Equal(t, http.StatusNotModified, res.StatusCode)
}

// A formatted list has groups for agents that know them, and for no one else.
func TestEndpointGroups(t *testing.T) {
	e := start(t).AddEnvironment(cluster.WithNetworkZones("zone"))
	for query, groups := range map[string]bool{
		"": false, "version=1.206": false, "version=1.207": true, "version=1.305.152.20241113": true, "version=": false,
	} {
		var info struct {
			CommunicationEndpoints          []string
			FormattedCommunicationEndpoints string
		}
		getJSON(t, e, "/connectioninfo?networkZone=zone&"+query, &info)
		require.NotContains(t, strings.Join(info.CommunicationEndpoints, ""), "{")
		all := info.CommunicationEndpoints
		want := strings.Join(all, ";")
		if groups {
			want = "{*" + all[0] + ";" + all[1] + "}{" + strings.Join(all[2:], ";") + "}"
		}
		require.Equal(t, want, info.FormattedCommunicationEndpoints, query)
	}
	res, _ := get(t, e, "/connectioninfo?version=latest")
	require.Equal(t, http.StatusBadRequest, res.StatusCode)
}

// The checksum is of the installer as it is without skipMetadata, and of type
// paas alone.
func TestPin_Checksum(t *testing.T) {
	e := start(t).AddEnvironment()
	version := cluster.DefaultVersions[2]
	var sum struct{ SHA256 string }
	getJSON(t, e, "/unix/paas/version/"+version+"/checksum?flavor=musl&include=java&skipMetadata=true", &sum)
	i, err := e.Installer(cluster.Spec{Type: cluster.TypePaaS, Version: version, Flavor: agent.FlavorMusl, Include: []string{"java"}, Bitness: "all"})
	require.NoError(t, err)
	require.Equal(t, i.SHA256, sum.SHA256)
	_, body := get(t, e, "/unix/paas/version/"+version+"?flavor=musl&include=java")
	require.Equal(t, fmt.Sprintf("%x", sha256.Sum256(body)), sum.SHA256)
	require.Equal(t, cluster.EndpointChecksum, e.Requests()[0].Endpoint)

	for path, status := range map[string]int{
		"/unix/paas-sh/version/" + version + "/checksum":               404,
		"/unix/default/version/" + version + "/checksum":               404,
		"/unix/paas/latest/checksum":                                   404,
		"/unix/paas/version/1.1.1.20200101-000000/checksum":            404,
		"/unix/paas/version/" + version + "/checksum?arch=z80":         400,
		"/unix/paas/version/" + version + "/checksum?networkZone=none": 400,
	} {
		res, body := get(t, e, path)
		require.Equal(t, status, res.StatusCode, "%s: %s", path, body)
	}
	res, body := get(t, e, "/unix/paas/version/"+version+"/checksum", "Authorization", "Api-Token "+e.AddToken())
	require.Equal(t, http.StatusForbidden, res.StatusCode)
	require.Contains(t, string(body), "Token is missing required scope. Use one of: ")

	e.SetFault(cluster.Fault{Kind: cluster.FaultOtherChecksum})
	var other struct{ SHA256 string }
	getJSON(t, e, "/unix/paas/version/"+version+"/checksum", &other)
	require.Len(t, other.SHA256, 64)
	require.NotEqual(t, sum.SHA256, other.SHA256)
}

// A host group has settings of its own.
func TestHostGroup(t *testing.T) {
	off := cluster.Property{Section: "general", Key: "dockerInjection", Value: "off"}
	e := start(t).AddEnvironment(cluster.WithHostGroup("shop", off))
	type answer struct {
		Properties []cluster.Property
		Revision   uint64
	}
	var without, shop, unknown answer
	getJSON(t, e, "/processmoduleconfig", &without)
	getJSON(t, e, "/processmoduleconfig?hostgroup=shop", &shop)
	getJSON(t, e, "/processmoduleconfig?hostgroup=unknown", &unknown)
	require.NotContains(t, without.Properties, off)
	require.Contains(t, shop.Properties, off)
	require.Contains(t, shop.Properties, cluster.Property{Section: "general", Key: "hostGroup", Value: "shop"})
	require.Len(t, shop.Properties, len(without.Properties))
	require.NotEqual(t, without.Revision, shop.Revision)
	require.Equal(t, without.Revision, unknown.Revision)
	res, _ := get(t, e, fmt.Sprintf("/processmoduleconfig?hostgroup=shop&revision=%d", without.Revision))
	require.Equal(t, http.StatusOK, res.StatusCode)
}
