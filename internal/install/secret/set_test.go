package secret

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/random"
	"github.com/stretchr/testify/require"
)

// values are secrets by id, as a test gives and expects them.
type values = map[string]string

func TestSet_HidesItsValues(t *testing.T) {
	t.Parallel()
	secret := strings.ToLower(random.Text())
	s := NewSet(values{"DT_API_TOKEN": secret, "DT_TENANT": secret, "DT_API_URL": "https://" + secret + ".invalid"})
	encoded, err := json.Marshal(s) //nolint:staticcheck // SA9005: that nothing is written is the point
	require.NoError(t, err)
	require.NotContains(t, string(encoded), secret)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		require.NotContains(t, fmt.Sprintf(verb+verb, s, []any{&s}), secret, verb)
	}
	require.Equal(t, "secret.Set{…}", fmt.Sprint(s))
}

// A set is what it was when it was made: its credentials are made once.
func TestSet_DoesNotChange(t *testing.T) {
	t.Parallel()
	given := values{"DT_API_TOKEN": "a", "DT_TENANT": "abc10890", "DT_PROXY": ""}
	s := NewSet(given)
	given["DT_API_TOKEN"], given["DT_CA_CERT"] = "b", "c"
	require.Equal(t, "a", s.Get("DT_API_TOKEN"))
	require.Empty(t, s.Get("DT_CA_CERT"))
	c, err := s.Credentials()
	require.NoError(t, err)
	require.Equal(t, "a", c.Token())
	var ids []string
	for id := range s.All() {
		ids = append(ids, id)
	}
	require.Equal(t, []string{"DT_API_TOKEN", "DT_TENANT"}, ids, "in order, and none that is empty")
	for id := range s.All() {
		require.Equal(t, "DT_API_TOKEN", id)
		break
	}
	require.False(t, s.IsEmpty())
	require.True(t, Set{}.IsEmpty())
	require.True(t, NewSet(values{"DT_PROXY": ""}).IsEmpty())
}

func TestCredentials_AreRefusedWhereTheyAreInvalid(t *testing.T) {
	t.Parallel()
	s := NewSet(values{"DT_API_TOKEN": random.Token(), "DT_TENANT": "abc10890", "DT_API_URL": "http://public.invalid"})
	_, err := s.Credentials()
	require.ErrorContains(t, err, "DT_API_URL is plain http")
	_, err = s.Client()
	require.ErrorContains(t, err, "DT_API_URL is plain http")
}
