package hostile

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/secrets"
	"github.com/moby/buildkit/session/secrets/secretsprovider"
	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/solver"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// hostileSession answers the builder's questions for secrets as it likes.
type hostileSession struct {
	answer func(ctx context.Context, id string) ([]byte, error)

	mu    sync.Mutex
	asked []string
}

func (h *hostileSession) GetSecret(ctx context.Context, id string) ([]byte, error) {
	h.mu.Lock()
	h.asked = append(h.asked, id)
	h.mu.Unlock()
	return h.answer(ctx, id)
}

// wasAsked returns the ids that the builder asked for.
func (h *hostileSession) wasAsked() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.asked...)
}

// submit runs a state with the session, until the test ends. What comes of it
// is the hostile client's concern.
func (h *hostileSession) submit(t *testing.T, st llb.State) (end func()) {
	t.Helper()
	def, err := st.Marshal(t.Context(), llb.LinuxAmd64)
	require.NoError(t, err)
	c := solver.Connect(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, err := c.Solve(ctx, def, client.SolveOpt{Session: []session.Attachable{secretsprovider.NewSecretProvider(h)}}, nil)
		t.Logf("what the hostile client is told: %.300v", err)
	}()
	end = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(end)
	return end
}

// thief is a server that a hostile client names as the cluster.
type thief struct {
	url string

	mu     sync.Mutex
	stolen []string
}

func newThief(t *testing.T) *thief {
	t.Helper()
	th := &thief{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		th.mu.Lock()
		defer th.mu.Unlock()
		th.stolen = append(th.stolen, r.URL.Path+" "+r.Header.Get("Authorization"))
		w.WriteHeader(http.StatusNotFound)
	}))
	t.Cleanup(srv.Close)
	th.url = srv.URL
	return th
}

func (th *thief) has() []string {
	th.mu.Lock()
	defer th.mu.Unlock()
	return append([]string(nil), th.stolen...)
}

// waitFor waits until the hostile client goes on.
func waitFor(ctx context.Context, ready <-chan struct{}) error {
	select {
	case <-ready:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hostilities are what a session may do with a question for a secret. Joined is
// closed once another's build has had the time to share the step.
func hostilities(url, token string, joined <-chan struct{}) map[string]func(context.Context, string) ([]byte, error) {
	at := func(id string, own string) ([]byte, error) {
		switch {
		case id == agent.SecretAPIURL:
			return []byte(url), nil
		case id == agent.SecretAPIToken && own != "":
			return []byte(own), nil
		}
		return nil, secrets.ErrNotFound
	}
	late := func(answer func(string) ([]byte, error)) func(context.Context, string) ([]byte, error) {
		return func(ctx context.Context, id string) ([]byte, error) {
			if err := waitFor(ctx, joined); err != nil {
				return nil, err
			}
			return answer(id)
		}
	}
	return map[string]func(context.Context, string) ([]byte, error){
		// The theft: the address is its own, and the token is to be another's.
		"late with its own server": late(func(id string) ([]byte, error) { return at(id, "") }),
		"late with its own token":  late(func(id string) ([]byte, error) { return at(id, token) }),
		"late with garbage":        late(func(string) ([]byte, error) { return []byte{0, 1, 2, 255}, nil }),
		"late with an error":       late(func(string) ([]byte, error) { return nil, errors.New("refused") }),
		"at once with its own":     func(_ context.Context, id string) ([]byte, error) { return at(id, token) },
		"never": func(ctx context.Context, _ string) ([]byte, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
	}
}

const (
	toldForeign = "is shared with another build, which has another secret"
	toldHeld    = "as where another build holds them up"
)

// TestHostileSession_SharedSteps: a client that has another environment's
// agent.json submits the steps of that environment's next build, so that the
// builder runs them once for both and asks the client for the secrets. The
// environment's token goes nowhere but to its own cluster, and its build works.
func TestHostileSession_SharedSteps(t *testing.T) {
	told := map[string]string{"late with its own token": toldForeign, "late with garbage": toldForeign, "never": toldHeld}
	for name := range hostilities("", "", nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			victim, th := tenant.New(t), newThief(t)
			version := cluster.DefaultVersions[1]
			answer := copiedAnswer(answerOf(t, victim, version))
			joined := make(chan struct{})
			h := &hostileSession{answer: hostilities(th.url, "dt0c01."+rand.Text()+"."+rand.Text(), joined)[name]}
			spec := agent.Spec{Arch: agent.ArchX86, Flavor: agent.FlavorDefault, Include: []string{"nodejs"}}
			steps := hostileSteps(t)
			h.submit(t, steps.Install(answer, steps.Download(answer, spec, "x"), spec, "x").Tree)
			require.Eventually(t, func() bool { return len(h.wasAsked()) > 0 }, time.Minute, 50*time.Millisecond, "the builder runs the hostile client's step")

			before := victim.Count(cluster.EndpointConnectionInfo)
			go func() {
				defer close(joined)
				for victim.Count(cluster.EndpointConnectionInfo) == before && t.Context().Err() == nil {
					time.Sleep(50 * time.Millisecond)
				}
				time.Sleep(5 * time.Second) // to the download
			}()
			r, err := buildx.Try(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(victim), Args: buildx.Options("version=" + version + ";include=nodejs")})
			require.Empty(t, th.has(), "the hostile client's server is asked")
			require.NoError(t, err, r.Output)
			require.Equal(t, victim.Marker(), inspect.Marker(t, r))
			requireOwnRequests(t, victim)
			for _, id := range h.wasAsked() {
				require.Equal(t, agent.SecretAPIToken, id, "a shared step asks for one secret")
			}
			if told[name] != "" {
				require.Contains(t, r.Output, told[name], "control: the builder shares the step")
			}
			require.Less(t, r.Took, 4*time.Minute)
		})
	}
}

// requireOwnRequests fails if a request came with another's token, or named another
// environment.
func requireOwnRequests(t *testing.T, env *cluster.Environment) {
	t.Helper()
	for _, req := range env.Requests() {
		require.Equal(t, env.ID(), req.Owner, req.Endpoint)
		require.Empty(t, req.Foreign, req.Endpoint)
	}
}

// TestHostileSession_OwnSteps: a step that is given several secrets is of one
// build alone. Nobody who does not know its nonce shares it, whatever he submits.
func TestHostileSession_OwnSteps(t *testing.T) {
	env := tenant.New(t)
	name, digest := buildx.AgentImage(t, env)
	name = strings.TrimSuffix(name, ":latest") + "@" + digest
	spec := agent.Spec{Arch: agent.ArchX86, Flavor: agent.FlavorDefault}
	for nonceName, nonce := range map[string]string{"no nonce": "", "another nonce": rand.Text()} {
		t.Run(nonceName, func(t *testing.T) {
			th := newThief(t)
			steps := hostileSteps(t)
			steps.Nonce = nonce
			layer := steps.AgentLayer(steps.Import(llb.Image(name), agent.Dir, spec).Tree)
			never := hostilities(th.url, "", nil)["never"]
			var sessions []*hostileSession
			for _, st := range []llb.State{steps.Resolve(spec), steps.Trust(), steps.Check(layer)} {
				h := &hostileSession{answer: never}
				h.submit(t, st)
				require.Eventually(t, func() bool { return len(h.wasAsked()) > 0 }, time.Minute, 50*time.Millisecond)
				sessions = append(sessions, h)
			}
			r := buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)}) // resolve
			require.Equal(t, env.Marker(), inspect.Marker(t, r))
			fromImage := buildx.FromContext("docker-image://" + strings.Split(name, "@")[0] + ":latest")
			fromImage.Secrets = tenant.Secrets(env)
			r = buildx.Build(t, fromImage) // import, check and trust
			require.Contains(t, r.Output, "look for secrets in the agent")
			require.Contains(t, r.Output, "look for certificates for the agent")
			require.NotContains(t, r.Output, toldHeld)
			require.Empty(t, th.has())
			requireOwnRequests(t, env)
			for _, h := range sessions {
				require.Len(t, h.wasAsked(), 1, "it is held, and holds nobody else")
			}
		})
	}
}
