package supply

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/install/seal"
	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const testVersion = "1.305.152.20241113-104505"

var x86 = agent.Spec{Arch: agent.ArchX86, Flavor: agent.FlavorDefault, Include: []string{"java", "nginx"}}

// environment is a minimal cluster; what it serves as an installer is up to
// the test.
type environment struct {
	secrets     secret.Set
	tenantToken string
	installer   http.HandlerFunc
	lacks       string // a flavor
	checksum    string // that is asked for
	downloads   atomic.Int32
}

func newEnvironment(t *testing.T) *environment {
	t.Helper()
	e := &environment{tenantToken: rand.Text()}
	const base = "/e/abc12345/api/v1/deployment/installer/agent"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+base+"/connectioninfo", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"tenantUUID":"abc12345","tenantToken":%q,"communicationEndpoints":["https://one.invalid/communication"]}`, e.tenantToken)
	})
	mux.HandleFunc("GET "+base+"/unix/paas-sh/latest/metainfo", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("flavor") == e.lacks {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		fmt.Fprintf(w, `{"latestAgentVersion":%q}`, testVersion)
	})
	mux.HandleFunc("GET "+base+"/versions/unix/paas-sh", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"availableVersions":["1.304.1.20241001-000000",%q,"1.306.1.20250101-000000","1.200.1.20200101-000000"]}`, testVersion)
	})
	mux.HandleFunc("GET "+base+"/unix/paas-sh/version/"+testVersion, func(w http.ResponseWriter, r *http.Request) {
		e.downloads.Add(1)
		e.installer(w, r)
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	e.secrets = secret.NewSet(map[string]string{
		agent.SecretAPIURL:   srv.URL + "/e/abc12345/api",
		agent.SecretAPIToken: "dt0c01." + rand.Text() + "." + rand.Text(),
		agent.SecretTenant:   "abc12345",
	})
	return e
}

func (e *environment) client(t *testing.T) *deploy.Client {
	t.Helper()
	c, err := e.secrets.Client()
	require.NoError(t, err)
	return c
}

// fetch downloads into a file and returns its content.
func (e *environment) fetch(t *testing.T) (*agent.Downloaded, string, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "installer.sh")
	file, err := os.Create(name)
	require.NoError(t, err)
	defer file.Close()
	spec := x86
	spec.Checksum = e.checksum
	d, err := Download(t.Context(), e.client(t), Target{Spec: spec, Version: testVersion, File: file, Secret: "secret"}, io.Discard)
	if err != nil {
		return nil, "", err
	}
	sealed, err := os.ReadFile(name)
	require.NoError(t, err)
	require.NotContains(t, string(sealed), "#!/bin/sh")
	plain, err := seal.OpenBytes(sealed, "secret")
	return d, string(plain), err
}

func TestResolve(t *testing.T) {
	e := newEnvironment(t)
	arm := agent.Spec{Arch: agent.ArchARM, Flavor: agent.FlavorMusl}
	got, err := Resolve(t.Context(), e.client(t), e.secrets, NetworkEnv{}, []agent.Spec{x86, arm}, "")
	require.NoError(t, err)
	require.Empty(t, got.Unavailable)
	require.Len(t, got.Resolved, 2)
	require.Equal(t, testVersion, got.Resolved["x86-default"].Version)
	require.Len(t, got.Resolved["x86-default"].Fingerprint(), 32)
	again, err := Resolve(t.Context(), e.client(t), e.secrets, NetworkEnv{}, []agent.Spec{arm, x86}, "")
	require.NoError(t, err)
	require.Equal(t, got.Resolved, again.Resolved, "the cache is keyed by it")

	// Of several agents a cluster may lack some.
	e.lacks = "musl"
	got, err = Resolve(t.Context(), e.client(t), e.secrets, NetworkEnv{}, []agent.Spec{x86, arm}, "")
	require.NoError(t, err)
	require.Contains(t, got.Resolved, "x86-default")
	require.ErrorContains(t, got.Unavailable["arm-musl"], "404")
	_, err = Resolve(t.Context(), e.client(t), e.secrets, NetworkEnv{}, []agent.Spec{arm}, "")
	require.ErrorContains(t, err, "404")
}

// An exact version is one that the environment has.
func TestResolveOfAnExactVersion(t *testing.T) {
	e := newEnvironment(t)
	exact := x86
	exact.Version = testVersion
	got, err := Resolve(t.Context(), e.client(t), e.secrets, NetworkEnv{}, []agent.Spec{exact}, "")
	require.NoError(t, err)
	require.Equal(t, testVersion, got.Resolved["x86-default"].Version)

	exact.Version = "1.305.150.20241101-000000"
	_, err = Resolve(t.Context(), e.client(t), e.secrets, NetworkEnv{}, []agent.Spec{exact}, "")
	require.EqualError(t, err, "the environment has no version 1.305.150.20241101-000000 of OneAgent (default, x86); the nearest are "+
		testVersion+", 1.306.1.20250101-000000, 1.304.1.20241001-000000")
}

func TestNearest(t *testing.T) {
	list := []string{"1.9.1.20200101-000000", "1.10.3.20200101-000000", "1.10.1.20200101-000000", "2.10.2.20200101-000000"}
	require.Equal(t, []string{list[1], list[2], list[0]}, Nearest(list, "1.10.2.20200101-000000", 3))
	require.Equal(t, list[3:], Nearest(list, "3.1.1.20200101-000000", 1))
	require.Empty(t, Nearest(nil, "1.2.3.20200101-000000", 3))
}

// A version whose installer is known needs no question.
func TestResolveOfAPinnedVersion(t *testing.T) {
	e := newEnvironment(t)
	pinned := x86
	pinned.Version, pinned.Pinned = "1.2.3.20200101-000000", true
	got, err := Resolve(t.Context(), e.client(t), e.secrets, NetworkEnv{}, []agent.Spec{pinned}, "")
	require.NoError(t, err)
	require.Equal(t, pinned.Version, got.Resolved["x86-default"].Version)
	require.NotEmpty(t, got.Resolved["x86-default"].Sealed)
}

func TestDownload(t *testing.T) {
	e := newEnvironment(t)
	script := "#!/bin/sh\n" + strings.Repeat(rand.Text(), 1000)
	var asked *url.URL
	e.installer = func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL
		io.WriteString(w, script)
	}
	d, got, err := e.fetch(t)
	require.NoError(t, err)
	require.Equal(t, script, got)
	require.Equal(t, url.Values{
		"include": {"java", "nginx"}, "skipMetadata": {"true"}, "bitness": {"64"}, "arch": {"x86"}, "flavor": {"default"},
	}, asked.Query())
	require.NotContains(t, asked.String(), e.secrets.Get(agent.SecretAPIToken))
	sum := sha256.Sum256([]byte(script))
	require.Equal(t, &agent.Downloaded{SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(script))}, d)

	e.checksum = "sha256:" + hex.EncodeToString(sum[:])
	_, _, err = e.fetch(t)
	require.NoError(t, err)
	e.checksum = "sha256:" + strings.Repeat("0", 64)
	_, _, err = e.fetch(t)
	require.ErrorContains(t, err, "has the digest sha256:"+hex.EncodeToString(sum[:])+", but checksum says "+e.checksum)
}

func TestDownloadBeginsAgain(t *testing.T) {
	e := newEnvironment(t)
	script := "#!/bin/sh\n" + strings.Repeat("x", 100_000)
	e.installer = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(script)))
		if e.downloads.Load() < 3 {
			io.WriteString(w, script[:50_000])
			panic(http.ErrAbortHandler)
		}
		io.WriteString(w, script)
	}
	_, got, err := e.fetch(t)
	require.NoError(t, err)
	require.Equal(t, script, got)
	require.EqualValues(t, 3, e.downloads.Load())
}

// The digest and the seal go on where the connection broke off.
func TestDownloadIsResumed(t *testing.T) {
	e := newEnvironment(t)
	script := "#!/bin/sh\n" + strings.Repeat(rand.Text(), 10_000)
	e.installer = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"tag"`)
		if e.downloads.Load() == 1 {
			w.Header().Set("Accept-Ranges", "bytes")
			w.Header().Set("Content-Length", fmt.Sprint(len(script)))
			io.WriteString(w, script[:50_001])
			panic(http.ErrAbortHandler)
		}
		assert.Equal(t, `"tag"`, r.Header.Get("If-Range"))
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(script))
	}
	sum := sha256.Sum256([]byte(script))
	e.checksum = "sha256:" + hex.EncodeToString(sum[:])
	d, got, err := e.fetch(t)
	require.NoError(t, err)
	require.Equal(t, script, got)
	require.EqualValues(t, len(script), d.Bytes)
	require.EqualValues(t, 2, e.downloads.Load())
}

func TestDownloadRefuses(t *testing.T) {
	tests := map[string]struct {
		serve http.HandlerFunc
		want  string
	}{
		"web page": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				io.WriteString(w, "<!doctype html><title>Sign in</title>")
			},
			`with a web page (Content-Type text/html)`,
		},
		"no script": {
			func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "PK\x03\x04") },
			"something that is no shell script",
		},
		"empty": {
			func(http.ResponseWriter, *http.Request) {},
			"broke off after 0 bytes: the body is empty",
		},
		"truncated": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "100000")
				io.WriteString(w, "#!/bin/sh\n")
				w.(http.Flusher).Flush()
				panic(http.ErrAbortHandler)
			},
			"broke off after 10 of 100000 bytes",
		},
		"unknown version": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusNotFound)
				io.WriteString(w, `{"error":{"code":404,"message":"no such version here"}}`)
			},
			"(default, x86, java,nginx): the cluster does not know what was asked for (404): no such version here; check DT_API_URL and DT_TENANT, and whether the environment has this version",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := newEnvironment(t)
			e.installer = tt.serve
			_, _, err := e.fetch(t)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), e.secrets.Get(agent.SecretAPIToken))
		})
	}
}

func TestConnection_IsSealed(t *testing.T) {
	connection := &Connection{
		Info: deploy.ConnectionInfo{Tenant: "abc12345", TenantToken: rand.Text(), Endpoints: []string{"https://one.invalid"}},
	}
	token := "dt0c01." + rand.Text()
	sealed, err := connection.Seal(token)
	require.NoError(t, err)
	require.False(t, bytes.Contains(sealed, []byte(connection.Info.TenantToken)))
	got, err := OpenConnection(sealed, token)
	require.NoError(t, err)
	require.Equal(t, connection, got)
	_, err = OpenConnection(sealed, token+"x")
	require.ErrorIs(t, err, seal.ErrSecret)
}

func TestProgressHasALineEachTenPercent(t *testing.T) {
	var log bytes.Buffer
	p := newProgress(&log)
	for i := range int64(1000) {
		p.report((i+1)*1e6, 1e9)
	}
	require.Equal(t, 10, strings.Count(log.String(), "\n"))
	require.Contains(t, log.String(), "downloaded 50% of 1000 MB\n")
}
