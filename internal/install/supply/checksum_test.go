package supply

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/stretchr/testify/require"
)

// TestDownload_ComparesAnArchiveWithTheClustersChecksum: whatever a cluster says
// about the checksum, a download is one, and is not waited for long.
func TestDownload_ComparesAnArchiveWithTheClustersChecksum(t *testing.T) {
	t.Parallel()
	content := []byte("PK\x03\x04" + rand.Text())
	hash := sha256.Sum256(content)
	digest := hex.EncodeToString(hash[:])
	says := func(sum string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, `{"sha256":%q}`, sum) }
	}
	for name, tc := range map[string]struct {
		answer http.HandlerFunc
		script bool
		want   agent.Checksum
	}{
		"equal":          {answer: says(digest), want: agent.ChecksumEqual},
		"equal in large": {answer: says(strings.ToUpper(digest)), want: agent.ChecksumEqual},
		"other":          {answer: says(strings.Repeat("0", 64)), want: agent.ChecksumOther},
		"not a digest":   {answer: says("x")},
		"old cluster":    {answer: http.NotFound},
		"no scope":       {answer: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }},
		"silent":         {answer: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		"failing":        {answer: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }},
		"script":         {answer: says(digest), script: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, kind := content, "paas"
			if tc.script {
				body, kind = append([]byte("#!/bin/sh\n"), content...), "paas-sh"
			}
			asked := make(chan url.Values, 100)
			mux := http.NewServeMux()
			const base = "GET /api/v1/deployment/installer/agent/unix/"
			mux.HandleFunc(base+kind+"/version/"+testVersion, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
			mux.HandleFunc(base+"paas/version/"+testVersion+"/checksum", func(w http.ResponseWriter, r *http.Request) {
				asked <- r.URL.Query()
				tc.answer(w, r)
			})
			srv := httptest.NewServer(mux)
			t.Cleanup(srv.Close)
			secrets := secret.NewSet(map[string]string{
				agent.SecretAPIURL: srv.URL + "/api", agent.SecretTenant: "abc12345", agent.SecretAPIToken: rand.Text(),
			})
			client, err := secrets.ClientWith(deploy.Options{Timeout: 10 * time.Second})
			require.NoError(t, err)
			file, err := os.Create(filepath.Join(t.TempDir(), "installer"))
			require.NoError(t, err)
			defer file.Close()
			spec := x86
			spec.Archive, spec.NetworkZone = !tc.script, "my.zone"
			began := time.Now()
			d, err := Download(t.Context(), client, Target{Spec: spec, Version: testVersion, File: file, Secret: "secret"}, &bytes.Buffer{})
			require.NoError(t, err)
			require.Less(t, time.Since(began), checksumTimeout)
			require.Equal(t, tc.want, d.Cluster)
			if tc.script {
				require.Empty(t, asked)
				return
			}
			require.Equal(t, url.Values{
				"arch": {"x86"}, "flavor": {"default"}, "bitness": {"64"}, "include": {"java", "nginx"}, "networkZone": {"my.zone"},
			}, <-asked)
		})
	}
}
