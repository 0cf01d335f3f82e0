package runc_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/opencontainers/runtime-spec/specs-go"
	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/runc"
)

// rootfs is a static busybox and the files that name users.
func rootfs(t *testing.T) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("containers are root's")
	}
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		t.Skip("no busybox on this machine")
	}
	data, err := os.ReadFile(busybox)
	require.NoError(t, err)
	dir := t.TempDir()
	// Other users must reach what lies in it.
	require.NoError(t, os.Chmod(dir, 0o755))
	for name, content := range map[string]string{
		"bin/busybox": string(data),
		"etc/passwd":  "root:x:0:0::/:/bin/sh\nweb:x:1234:5678::/:/bin/sh\n",
		"etc/group":   "root:x:0:\nweb:x:5678:\nlogs:x:9999:web\n",
	} {
		name = filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(content), 0o755))
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "srv"), 0o755))
	require.NoError(t, os.Symlink("busybox", filepath.Join(dir, "bin/sh")))
	return dir
}

func run(t *testing.T, spec runc.Spec) *runc.Container {
	t.Helper()
	c, err := runc.Run(t.Context(), spec)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Delete()) })
	return c
}

// output runs a shell script as the image's command and returns what it wrote.
func output(t *testing.T, spec runc.Spec, script string) string {
	t.Helper()
	spec.Config.Entrypoint = []string{"sh", "-c"}
	spec.Config.Cmd = []string{script}
	c := run(t, spec)
	code, err := c.Wait()
	require.NoError(t, err)
	require.Zero(t, code, c.Stderr())
	return strings.TrimSpace(c.Stdout())
}

func TestConfig(t *testing.T) {
	dir := rootfs(t)
	for name, test := range map[string]struct {
		spec   runc.Spec
		script string
		want   string
	}{
		"PID 1":             {script: "echo $$", want: "1"},
		"root":              {script: "busybox id", want: "uid=0(root) gid=0(root) groups=0(root)"},
		"named user":        {spec: runc.Spec{Config: ocispecs.ImageConfig{User: "web"}}, script: "busybox id", want: "uid=1234(web) gid=5678(web) groups=5678(web),9999(logs)"},
		"numeric user":      {spec: runc.Spec{Config: ocispecs.ImageConfig{User: "65534:65533"}}, script: "busybox id", want: "uid=65534 gid=65533 groups=65533"},
		"other user":        {spec: runc.Spec{Config: ocispecs.ImageConfig{User: "web"}, User: "4321"}, script: "busybox id -u", want: "4321"},
		"user without caps": {spec: runc.Spec{User: "web"}, script: "busybox grep CapEff /proc/self/status", want: "CapEff:\t0000000000000000"},
		"working directory": {spec: runc.Spec{Config: ocispecs.ImageConfig{WorkingDir: "/srv"}}, script: "pwd", want: "/srv"},
		"environment":       {spec: runc.Spec{Config: ocispecs.ImageConfig{Env: []string{"A=image", "B=image"}}, Env: []string{"B=given"}}, script: "echo $A $B", want: "image given"},
		"writable":          {script: "echo x >/written && busybox cat /written", want: "x"},
		"read-only":         {spec: runc.Spec{ReadOnly: true}, script: "echo x >/file 2>/dev/null || echo refused", want: "refused"},
		"read-only device":  {spec: runc.Spec{ReadOnly: true}, script: "echo x >/dev/null && echo fine", want: "fine"},
		"streams by path":   {spec: runc.Spec{User: "web"}, script: "echo out >/dev/stdout", want: "out"},
		"mount": {
			spec:   runc.Spec{ReadOnly: true, Mounts: []specs.Mount{{Destination: "/srv", Type: "tmpfs", Source: "tmpfs", Options: []string{"mode=1777"}}}},
			script: "echo x >/srv/f && busybox cat /srv/f", want: "x",
		},
		"no capabilities": {
			spec:   runc.Spec{Options: []runc.Option{runc.WithCapabilities()}},
			script: "busybox grep CapBnd /proc/self/status", want: "CapBnd:\t0000000000000000",
		},
		"some capabilities": {
			spec:   runc.Spec{Options: []runc.Option{runc.WithCapabilities("CAP_CHOWN")}},
			script: "busybox grep CapEff /proc/self/status", want: "CapEff:\t0000000000000001",
		},
		"no new privileges": {
			spec:   runc.Spec{Options: []runc.Option{runc.WithoutNewPrivileges()}},
			script: "busybox grep NoNewPrivs /proc/self/status", want: "NoNewPrivs:\t1",
		},
		"fewer mounts": {
			spec:   runc.Spec{Options: []runc.Option{runc.WithoutMounts("/sys", "/dev/shm")}},
			script: "busybox grep -cE ' (/sys|/dev/shm)' /proc/mounts || :", want: "0",
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.spec.Rootfs = dir
			require.Equal(t, test.want, output(t, test.spec, test.script))
		})
	}
}

func TestCommandLine(t *testing.T) {
	spec := runc.Spec{Rootfs: rootfs(t), Config: ocispecs.ImageConfig{
		Entrypoint: []string{"busybox", "echo", "entrypoint"}, Cmd: []string{"command"},
	}}
	for want, change := range map[string]func(*runc.Spec){
		"entrypoint command": func(*runc.Spec) {},
		"entrypoint given":   func(s *runc.Spec) { s.Cmd = []string{"given"} },
		"entrypoint":         func(s *runc.Spec) { s.Cmd = []string{} },
		"other":              func(s *runc.Spec) { s.Entrypoint = []string{"busybox", "echo", "other"} },
		"other given": func(s *runc.Spec) {
			s.Entrypoint, s.Cmd = []string{"busybox", "echo", "other"}, []string{"given"}
		},
	} {
		t.Run(want, func(t *testing.T) {
			spec := spec
			change(&spec)
			c := run(t, spec)
			code, err := c.Wait()
			require.NoError(t, err)
			require.Zero(t, code)
			require.Equal(t, want+"\n", c.Stdout())
		})
	}
}

func TestSignalAndExitCode(t *testing.T) {
	c := run(t, runc.Spec{Rootfs: rootfs(t), Config: ocispecs.ImageConfig{
		Entrypoint: []string{"sh", "-c", `trap 'echo got it; exit 42' TERM; echo ready; while :; do busybox sleep 0.1; done`},
	}})
	require.Eventually(t, func() bool { return c.Stdout() == "ready\n" }, 10*time.Second, 10*time.Millisecond)
	require.NoError(t, c.Signal(syscall.SIGTERM))
	code, err := c.Wait()
	require.NoError(t, err)
	require.Equal(t, 42, code)
	require.Equal(t, "ready\ngot it\n", c.Stdout())
}

func TestKilled(t *testing.T) {
	c := run(t, runc.Spec{Rootfs: rootfs(t), Config: ocispecs.ImageConfig{Entrypoint: []string{"busybox", "sleep", "60"}}})
	require.NoError(t, syscall.Kill(c.Pid(), syscall.SIGKILL))
	code, err := c.Wait()
	require.NoError(t, err)
	require.Equal(t, 128+int(syscall.SIGKILL), code)
}

func TestDelete(t *testing.T) {
	c, err := runc.Run(t.Context(), runc.Spec{Rootfs: rootfs(t), Config: ocispecs.ImageConfig{Entrypoint: []string{"busybox", "sleep", "60"}}})
	require.NoError(t, err)
	require.NoError(t, c.Delete())
	require.ErrorIs(t, syscall.Kill(c.Pid(), 0), syscall.ESRCH)
	require.NoError(t, c.Delete())
}

func TestExec(t *testing.T) {
	c := run(t, runc.Spec{Rootfs: rootfs(t), Env: []string{"A=b"}, Config: ocispecs.ImageConfig{Entrypoint: []string{"busybox", "sleep", "60"}}})
	out, err := c.Exec(t.Context(), "sh", "-c", "echo $A")
	require.NoError(t, err)
	require.Equal(t, "b\n", out)
	_, err = c.Exec(t.Context(), "sh", "-c", "exit 3")
	require.ErrorContains(t, err, "exit status 3")
}

func TestLoopback(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "reached")
	}))
	defer server.Close()
	require.Equal(t, "reached", output(t, runc.Spec{Rootfs: rootfs(t)}, "busybox wget -q -O - "+server.URL))
}

func TestSharedRootfs(t *testing.T) {
	dir := rootfs(t)
	for _, name := range []string{"etc/hosts", "etc/resolv.conf"} {
		require.NoFileExists(t, filepath.Join(dir, name), "control: mount points are to be made")
	}
	for range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			require.Equal(t, "fine", output(t, runc.Spec{Rootfs: dir, ReadOnly: true}, "echo fine"))
		})
	}
}

func TestSeccomp(t *testing.T) {
	dir := rootfs(t)
	if has, err := runc.HasSeccomp(t.Context()); err != nil || !has {
		require.NoError(t, err)
		t.Skip("this runc is built without seccomp")
	}
	const script = "busybox grep ^Seccomp: /proc/self/status"
	require.Equal(t, "Seccomp:\t0", output(t, runc.Spec{Rootfs: dir}, script))
	require.Equal(t, "Seccomp:\t2", output(t, runc.Spec{Rootfs: dir, Options: []runc.Option{runc.WithSeccomp()}}, script))
}

func TestNetwork(t *testing.T) {
	dir := rootfs(t)
	network, err := runc.NewNetwork()
	require.NoError(t, err)
	defer func() { require.NoError(t, network.Close()) }()
	var l net.Listener
	require.NoError(t, network.Do(func() error {
		l, err = net.Listen("tcp", "127.0.0.1:80")
		return err
	}))
	go func() {
		_ = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "reached")
		}))
	}()
	defer l.Close()
	spec := runc.Spec{Rootfs: dir, Options: []runc.Option{network.Option()}}
	require.Equal(t, "reached", output(t, spec, "busybox wget -q -O - http://127.0.0.1/"))
	require.Equal(t, "lo", output(t, spec, "busybox ls /sys/class/net"), "nothing leads out")
}

func TestRefusals(t *testing.T) {
	dir := rootfs(t)
	for name, test := range map[string]struct {
		config ocispecs.ImageConfig
		want   string
	}{
		"nothing to run": {want: "neither entrypoint nor command"},
		"no such file":   {config: ocispecs.ImageConfig{Cmd: []string{"/absent"}}, want: "no such file"},
		"no such user":   {config: ocispecs.ImageConfig{Cmd: []string{"sh"}, User: "absent"}, want: "no users found"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := runc.Run(t.Context(), runc.Spec{Rootfs: dir, Config: test.config})
			require.ErrorContains(t, err, test.want)
		})
	}
}
