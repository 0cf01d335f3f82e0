package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

const library = agent.Dir + "/" + agent.PreloadLibrary

// binaries are dt-start, as it goes into an image, and an app.
var binaries struct{ start, app string }

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "dt-start")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binaries.start, binaries.app = filepath.Join(dir, "dt-start"), filepath.Join(dir, "app")
	for out, pkg := range map[string]string{binaries.start: ".", binaries.app: "./testdata/app"} {
		c := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w -X main.version=0.0.1", "-o", out, pkg)
		c.Env = append(os.Environ(), "CGO_ENABLED=0")
		c.Stderr = os.Stderr
		if err := c.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "building", pkg, err)
			return 1
		}
	}
	return m.Run()
}

// container is a root file system with an agent and a static app.
type container struct {
	root string
	uid  uint32
}

func newContainer(t *testing.T) *container {
	t.Helper()
	c := &container{root: t.TempDir()}
	for name, content := range map[string]string{
		agent.SettingsPath: `{"mode":"build","version":"1.305.152.20241113-104505","flavor":"multidistro","arch":"x86","preload":"` + library + `"}`,
		library:            "",
		// A loader is looked for by name alone; nothing here is dynamic.
		"/lib/ld-musl-x86_64.so.1": "",
		"/etc/resolv.conf":         "nameserver 127.0.83.2\n",
	} {
		c.put(t, name, []byte(content), 0o644)
	}
	for name, from := range map[string]string{agent.StartPath: binaries.start, "/bin/app": binaries.app} {
		// Not written anew: a test that forks meanwhile would hold the file open
		// for writing, and nobody could execute it ("text file busy").
		require.NoError(t, os.MkdirAll(filepath.Dir(c.root+name), 0o755))
		require.NoError(t, os.Link(from, c.root+name))
	}
	for d := c.root; d != filepath.Dir(filepath.Dir(c.root)); d = filepath.Dir(d) {
		require.NoError(t, os.Chmod(d, 0o755))
	}
	return c
}

func (c *container) put(t *testing.T, name string, b []byte, mode os.FileMode) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(c.root+name), 0o755))
	require.NoError(t, os.WriteFile(c.root+name, b, mode))
}

// command starts a container with dt-start as its first process.
func (c *container) command(t *testing.T, env []string, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	cmd = exec.CommandContext(t.Context(), agent.StartPath, args...)
	cmd.Dir, cmd.Env = "/", append([]string{"PATH=/sbin:/bin"}, env...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: c.root, Cloneflags: syscall.CLONE_NEWPID}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
	} else if c.uid != 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: c.uid, Gid: c.uid}
	}
	return cmd, stdout, stderr
}

// report is what the app tells.
type report struct {
	PID, UID  int
	Args, Env []string
}

func (c *container) run(t *testing.T, env []string, args ...string) (report, string, int) {
	t.Helper()
	cmd, stdout, stderr := c.command(t, env, args...)
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.Is(err, syscall.EPERM) {
		t.Skip("needs root or user namespaces")
	}
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	var r report
	if stdout.Len() > 0 {
		require.NoError(t, json.Unmarshal(stdout.Bytes(), &r), stdout.String())
	}
	return r, stderr.String(), cmd.ProcessState.ExitCode()
}

func agentVariables() []string {
	return []string{"DT_TENANT=abc12345", "DT_TENANTTOKEN=t", "DT_CONNECTION_POINT=https://a.invalid"}
}

func TestBecomesTheApp(t *testing.T) {
	t.Parallel()
	c := newContainer(t)
	c.uid = 12345
	env := append(agentVariables(), "ODD", "X=a b")
	r, stderr, code := c.run(t, env, "--", "app", "-v", "--", "")
	require.Zero(t, code, stderr)
	require.Empty(t, stderr)
	require.Equal(t, 1, r.PID)
	if os.Getuid() == 0 {
		require.Equal(t, 12345, r.UID)
	}
	require.Equal(t, []string{"app", "-v", "--", ""}, r.Args)
	require.Subset(t, r.Env, append(env, "LD_PRELOAD="+library))
	require.Contains(t, r.Env, "DT_LOGSTREAM=stderr", "nothing is writable for this user")
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	c := newContainer(t)
	c.put(t, "/bin/data", []byte("data"), 0o755)
	c.put(t, "/bin/closed", []byte("data"), 0o644)
	c.put(t, "/bin/orphan", []byte("#!/bin/none\n"), 0o755)
	for _, tc := range []struct {
		args []string
		want int
		said string
	}{
		{[]string{"--", "app", "0"}, 0, ""},
		{[]string{"--", "app", "1"}, 1, ""},
		{[]string{"--", "app", "137"}, 137, ""},
		{[]string{"app", "3"}, 3, ""},
		{[]string{"--", "none"}, 127, `cannot start "none": not found in PATH`},
		{[]string{"--", "/bin/closed"}, 126, `cannot start "/bin/closed": permission denied`},
		{[]string{"--", "data"}, 126, `cannot start "/bin/data": exec format error`},
		{[]string{"--", "orphan"}, 127, "the interpreter or the loader that it names is missing"},
		{[]string{"--"}, 127, "nothing to start"},
		{nil, 127, "nothing to start"},
	} {
		_, stderr, code := c.run(t, agentVariables(), tc.args...)
		require.Equal(t, tc.want, code, tc.args)
		if tc.said == "" {
			require.Empty(t, stderr)
			continue
		}
		require.Contains(t, stderr, tc.said)
		require.True(t, strings.HasPrefix(stderr, "dt-start: "), stderr)
		require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	out, err := exec.Command(binaries.start, "version").Output()
	require.NoError(t, err)
	require.Equal(t, "dt-start 0.0.1\n", string(out))
	out, err = exec.Command(binaries.start, "--help").Output()
	require.NoError(t, err)
	require.Contains(t, string(out), "dt-start -- APP")
}

func TestSignalsReachTheApp(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGUSR1} {
		c := newContainer(t)
		cmd, stdout, stderr := c.command(t, agentVariables(), "--", "app", "wait")
		cmd.Stdout = nil
		pipe, err := cmd.StdoutPipe()
		require.NoError(t, err)
		if err := cmd.Start(); errors.Is(err, syscall.EPERM) {
			t.Skip("needs root or user namespaces")
		}
		_, err = io.CopyN(stdout, pipe, 1)
		require.NoError(t, err, stderr)
		require.NoError(t, cmd.Process.Signal(s))
		_, _ = io.Copy(io.Discard, pipe)
		_ = cmd.Wait()
		require.Equal(t, 40+int(s), cmd.ProcessState.ExitCode())
	}
}

// TestSignalWhileAsking: as a first process one without a handler would not
// be ended at all.
func TestSignalWhileAsking(t *testing.T) {
	t.Parallel()
	// What we are told to ignore, as by nohup, our children would ignore too;
	// what we handle they do not.
	handled := make(chan os.Signal, 1)
	signal.Notify(handled, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(handled) })
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		asked := make(chan struct{}, 9)
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			asked <- struct{}{}
			<-r.Context().Done()
		}))
		t.Cleanup(server.Close)
		cmd, stdout, stderr := newContainer(t).command(t, apiVariables(server.URL, "t", "20s"), "--", "app")
		if err := cmd.Start(); errors.Is(err, syscall.EPERM) {
			t.Skip("needs root or user namespaces")
		}
		<-asked
		began := time.Now()
		require.NoError(t, cmd.Process.Signal(s))
		_ = cmd.Wait()
		require.Less(t, time.Since(began), 15*time.Second)
		require.Equal(t, 128+int(s), cmd.ProcessState.ExitCode())
		require.Empty(t, stdout.String(), "the app is not started")
		require.Empty(t, stderr.String())
	}
}

// TestLeavesNoTrace: what a Go program changes of its process is as before.
func TestLeavesNoTrace(t *testing.T) {
	t.Parallel()
	script := `ulimit -Sn 77; trap '' HUP; exec "$0" -- /bin/sh -c 'ulimit -Sn; cat /proc/self/status; ls /proc/self/fd | wc -l'`
	direct := strings.Replace(script, `"$0" --`, "", 1)
	traces := map[string]string{}
	for name, s := range map[string]string{"dt-start": script, "direct": direct} {
		var kept []string
		c := exec.Command("/bin/sh", "-c", s, binaries.start)
		c.Env = []string{"PATH=/bin:/usr/bin", "DT_START_LOG=off"}
		out, err := c.Output()
		require.NoError(t, err)
		for line := range strings.Lines(string(out)) {
			if !strings.Contains(line, ":") || strings.HasPrefix(line, "Sig") || strings.HasPrefix(line, "Shd") || strings.HasPrefix(line, "Threads") {
				kept = append(kept, line)
			}
		}
		traces[name] = strings.Join(kept, "")
	}
	require.Contains(t, traces["direct"], "77\n")
	// Pending signals of the user, SigQ, change by themselves.
	for name, s := range traces {
		before, after, ok := strings.Cut(s, "SigQ:")
		require.True(t, ok)
		_, after, _ = strings.Cut(after, "\n")
		traces[name] = before + after
	}
	require.Equal(t, traces["direct"], traces["dt-start"])
}

func apiVariables(url, token, timeout string) []string {
	return []string{"DT_API_URL=" + url, "DT_API_TOKEN=" + token, "DT_TENANT=abc12345", "DT_START_TIMEOUT=" + timeout}
}

func TestAsks(t *testing.T) {
	t.Parallel()
	token, tenantToken := rand.Text(), rand.Text()
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		if r.Header.Get("Authorization") != "Api-Token "+token || r.UserAgent() != "dt-start/0.0.1" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, `{"tenantUUID":"abc12345","tenantToken":%q,"formattedCommunicationEndpoints":"https://a.invalid;https://b.invalid"}`, tenantToken)
	}))
	t.Cleanup(server.Close)
	r, stderr, code := newContainer(t).run(t, append(apiVariables(server.URL, token, "5"), "DT_START_LOG=debug"), "--", "app")
	require.Zero(t, code, stderr)
	require.EqualValues(t, 1, requests.Load(), "one round trip")
	require.Subset(t, r.Env, []string{"DT_TENANTTOKEN=" + tenantToken, "DT_CONNECTION_POINT=https://a.invalid;https://b.invalid", "LD_PRELOAD=" + library})
	require.NotContains(t, strings.Join(r.Env, "\n"), token)
	require.NotContains(t, stderr, token)
	require.NotContains(t, stderr, tenantToken)
	require.Contains(t, stderr, "plain http")
}

// TestFaults starts an app beside a cluster that is ill in every way.
func TestFaults(t *testing.T) {
	t.Parallel()
	const timeout = 600 * time.Millisecond
	token := rand.Text()
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(code)
			fmt.Fprintf(w, `{"error":{"code":%d,"message":"said with %s"}}`, code, r.Header.Get("Authorization"))
		}
	}
	plain := func(h http.HandlerFunc) string {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return s.URL
	}
	tls := httptest.NewUnstartedServer(status(200))
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	tls.StartTLS()
	t.Cleanup(tls.Close)

	for _, tc := range []struct {
		name, url, want string
		// atOnce is what another try does not change.
		atOnce bool
		// resolver is a name server's address.
		resolver string
	}{
		{name: "refused", url: "http://127.0.0.1:1", want: "refused the connection"},
		{name: "black hole", url: blackHole(t), want: "did not answer in time"},
		{name: "no answer", url: plain(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), want: "did not answer in time"},
		{name: "no name server", url: "https://dt.example.invalid", want: "cannot find host dt.example.invalid: the name server does not answer"},
		{name: "silent name server", url: "https://dt.example.invalid", want: "in time", resolver: "127.0.83.1"},
		{name: "unknown authority", url: tls.URL, want: "as DT_CA_CERT", atOnce: true},
		{name: "401", url: plain(status(401)), want: "the cluster refused the token (401): said with Api-Token ***", atOnce: true},
		{name: "403", url: plain(status(403)), want: "lacks the scope InstallerDownload (403)", atOnce: true},
		{name: "404", url: plain(status(404)), want: "(404)", atOnce: true},
		{name: "429", url: plain(status(429)), want: "the cluster limits requests (429)"},
		{name: "500", url: plain(status(500)), want: "the cluster failed (500)"},
		{name: "503", url: plain(status(503)), want: "the cluster failed (503)"},
		{name: "drip", url: plain(func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, " ")
				w.(http.Flusher).Flush()
				time.Sleep(50 * time.Millisecond)
			}
		}), want: "did not answer in time"},
		{name: "html", url: plain(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }), want: "is a web page", atOnce: true},
		{name: "empty", url: plain(func(http.ResponseWriter, *http.Request) {}), want: "is empty", atOnce: true},
		{name: "1 GB", url: plain(func(w http.ResponseWriter, r *http.Request) {
			chunk := bytes.Repeat([]byte(" "), 1<<20)
			for range 1 << 10 {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}), want: "larger than 1048576 bytes", atOnce: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newContainer(t)
			if tc.resolver != "" {
				silence(t, tc.resolver)
				c.put(t, "/etc/resolv.conf", []byte("nameserver "+tc.resolver+"\n"), 0o644)
			}
			limit := timeout
			if tc.atOnce {
				// So long that to wait for it would be seen, on any machine.
				limit = time.Minute
			}
			began := time.Now()
			r, stderr, code := c.run(t, apiVariables(tc.url, token, limit.String()), "--", "app")
			took := time.Since(began)
			t.Logf("the app ran after %s: %s", took.Round(time.Millisecond), strings.TrimSpace(stderr))
			require.Zero(t, code)
			require.Equal(t, 1, r.PID, "the app ran")
			require.NotContains(t, strings.Join(r.Env, "\n"), "LD_PRELOAD")
			require.NotContains(t, strings.Join(r.Env, "\n"), token)
			require.Contains(t, stderr, "dt-start: the app runs unmonitored: ")
			require.Contains(t, stderr, tc.want)
			require.NotContains(t, stderr, token)
			// A generous bound: the machine may be busy.
			require.Less(t, took, timeout+20*time.Second)
		})
	}
	_, _, code := newContainer(t).run(t, append(apiVariables("http://127.0.0.1:1", token, "100ms"), "DT_START_ON_ERROR=fail"), "--", "app")
	require.Equal(t, 78, code)
}

// blackHole is a port whose queue of connections is full: further ones get no
// answer at all.
func blackHole(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = syscall.Close(fd) })
	require.NoError(t, syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	require.NoError(t, syscall.Listen(fd, 0))
	sa, err := syscall.Getsockname(fd)
	require.NoError(t, err)
	addr := fmt.Sprintf("127.0.0.1:%d", sa.(*syscall.SockaddrInet4).Port)
	for range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		cancel()
		if err == nil {
			t.Cleanup(func() { _ = conn.Close() })
		}
	}
	return "http://" + addr
}

// silence is a name server that never answers.
func silence(t *testing.T, addr string) {
	t.Helper()
	conn, err := net.ListenPacket("udp", addr+":53")
	if err != nil {
		t.Skip("port 53 is not ours: ", err)
	}
	t.Cleanup(func() { _ = conn.Close() })
}

func TestSize(t *testing.T) {
	t.Parallel()
	info, err := os.Stat(binaries.start)
	require.NoError(t, err)
	t.Logf("dt-start has %d bytes", info.Size())
	require.LessOrEqual(t, info.Size(), int64(8<<20))
}
