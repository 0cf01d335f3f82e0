package front_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/standin/front"
)

// A client that gives up is told from a server that cannot be reached: only the
// second is a fault of ours.
func TestForward_TellsWhoWentAway(t *testing.T) {
	asked := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	}))
	t.Cleanup(slow.Close)
	ctx, giveUp := context.WithCancel(t.Context())
	go func() {
		<-asked
		giveUp()
	}()
	w := httptest.NewRecorder()
	front.Forward(t, slow.URL).ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodHead, "/", http.NoBody))
	require.Equal(t, front.StatusGivenUp, w.Code)

	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	w = httptest.NewRecorder()
	front.Forward(t, gone.URL).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodHead, "/", http.NoBody))
	require.Equal(t, http.StatusBadGateway, w.Code)
}
