package image_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/verify/image"
	"github.com/stretchr/testify/require"
)

// A registry is told who asks.
func TestOpen_TellsTheRegistryWhoAsks(t *testing.T) {
	asked := make(chan string, 100)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.UserAgent()
		w.WriteHeader(http.StatusNotFound)
	}))
	t.Cleanup(srv.Close)
	_, err := image.Open(t.Context(), strings.TrimPrefix(srv.URL, "http://")+"/app:1", image.Options{UserAgent: "dt-verify/v1.2.3"})
	require.Error(t, err)
	close(asked)
	n := 0
	for agent := range asked {
		n++
		require.Equal(t, "dt-verify/v1.2.3", agent)
	}
	require.Positive(t, n)
}
