package deploy

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/internal/scan"
)

func TestConnectionInfo(t *testing.T) {
	t.Parallel()
	const x, y, z = "https://x.invalid:9999/communication", "https://y.invalid/communication", "https://z.invalid"
	for name, tc := range map[string]struct {
		body         string
		want, others []string
	}{
		"documented": {
			`"communicationEndpoints":["` + x + `","` + y + `"],"formattedCommunicationEndpoints":"` + x + `;` + y + `"`,
			[]string{x, y}, nil,
		},
		"groups, since 1.207": {
			`"communicationEndpoints":["` + y + `","` + x + `"],"formattedCommunicationEndpoints":"{*` + x + `;` + y + `}{` + z + `}"`,
			[]string{y, x}, []string{z},
		},
		"groups in the list": {
			`"communicationEndpoints":["{*` + x + `}{` + y + `}"]`, []string{x, y}, nil,
		},
		"formatted alone is for nobody": {
			`"communicationEndpoints":[],"formattedCommunicationEndpoints":["` + x + `", null, "` + y + `;` + x + `"]`,
			nil, []string{x, y},
		},
		"list as text":      {`"communicationEndpoints":"` + x + `;` + y + `"`, []string{x, y}, nil},
		"null formatted":    {`"communicationEndpoints":["` + x + `"],"formattedCommunicationEndpoints":null`, []string{x}, nil},
		"space and doubles": {`"communicationEndpoints":[" ` + z + ` ",""," ` + x + `","` + z + `\r\n"]`, []string{z, x}, nil},
		"all null":          {`"communicationEndpoints":null,"formattedCommunicationEndpoints":null,"more":{}`, nil, nil},
		"none":              {`"more":{}`, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasSuffix(r.URL.Path, "/api/v1/deployment/installer/agent/connectioninfo") || r.URL.RawQuery != "" {
					w.WriteHeader(http.StatusBadRequest)
					return
				}
				answer("\ufeff{\"tenantUUID\":\" abc\\r\\n\",\"tenantToken\":\" T \","+tc.body+"}")(w, r)
			})
			got, err := c.client(t, Options{}).ConnectionInfo(t.Context(), "", "")
			require.NoError(t, err)
			require.Equal(t, "abc", got.Tenant)
			require.Equal(t, "T", got.TenantToken)
			require.Equal(t, tc.want, got.Endpoints)
			require.ElementsMatch(t, tc.others, got.Others)
			require.EqualValues(t, 1, c.requests.Load())
		})
	}
}

func TestConnectionInfoRequest(t *testing.T) {
	t.Parallel()
	var seen *http.Request
	c := newCluster(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r
		answer(`{"tenantUUID":"a","tenantToken":"b"}`)(w, r)
	})
	_, err := c.client(t, Options{UserAgent: "dt-start/1"}).ConnectionInfo(t.Context(), " my.zone\n", "1.307.59.20250214-094106")
	require.NoError(t, err)
	require.Equal(t, "/e/"+c.creds.Tenant+"/api/v1/deployment/installer/agent/connectioninfo", seen.URL.Path)
	require.Equal(t, "defaultZoneFallback=true&networkZone=my.zone&version=1.307", seen.URL.RawQuery)
	require.Equal(t, "dt-start/1", seen.UserAgent())
}

func TestUnusableAnswers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, body, want string }{
		{"empty", "", "is empty"},
		{"html", "<!doctype html><title>Sign in</title>", "is a web page: check DT_API_URL"},
		{"no json", "sorry", "is no JSON of the expected form"},
		{"other json", `{"tenantUUID":{"SECRET":1}}`, "is no JSON of the expected form"},
		{"no tenant", `{"tenantUUID":"","tenantToken":"SECRET"}`, "without an environment id or a tenant token"},
		{"null token", `{"tenantUUID":"SECRET","tenantToken":null}`, "without an environment id or a tenant token"},
		{"nul", `{"tenantUUID":"a","tenantToken":"SECRET\u0000"}`, "characters that do not belong there"},
		{"line break", `{"tenantUUID":"a","tenantToken":"SECRET","formattedCommunicationEndpoints":"https://a\nLD_PRELOAD=x"}`, "characters that do not belong there"},
		{"line break in the list", `{"tenantUUID":"a","tenantToken":"SECRET","communicationEndpoints":["https://a\nLD_PRELOAD=x"]}`, "characters that do not belong there"},
		{"huge", `{"tenantUUID":"` + strings.Repeat("SECRET", maxJSON), "is larger than 1048576 bytes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var c *cluster
			c = newCluster(t, func(w http.ResponseWriter, r *http.Request) {
				answer(strings.ReplaceAll(tc.body, "SECRET", c.secret))(w, r)
			})
			_, err := c.client(t, Options{}).ConnectionInfo(t.Context(), "", "")
			require.ErrorContains(t, err, tc.want)
			c.clean(t, err)
			require.EqualValues(t, 1, c.requests.Load(), "not asked again")
		})
	}
}

func FuzzConnectionInfo(f *testing.F) {
	f.Add([]byte(`{"tenantUUID":"a","tenantToken":"b","formattedCommunicationEndpoints":["x;y",null]}`))
	f.Add([]byte(`{"communicationEndpoints":"a;b"}`))
	c := &Client{host: "host", secrets: &scan.Redactor{}}
	f.Fuzz(func(t *testing.T, b []byte) {
		var a connectionAnswer
		if err := c.decode(b, &a); err != nil {
			var call *CallError
			require.ErrorAs(t, err, &call)
			return
		}
		info := a.info()
		for _, e := range append(info.Endpoints, info.Others...) {
			require.NotEmpty(t, e)
			require.NotContains(t, e, ";")
		}
	})
}
