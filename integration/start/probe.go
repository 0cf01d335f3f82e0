package start

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// probeSource is an app that tells how it was started. It counts time on the
// clock that all containers of a machine share.
const probeSource = `#define _GNU_SOURCE
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
static volatile sig_atomic_t got;

static void on_signal(int s) { got = s; }

static void say(const char *what)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	printf("%s %lld %ld %ld\n", what, t.tv_sec * 1000000000LL + t.tv_nsec, (long)getpid(), (long)getuid());
	fflush(stdout);
}

/* Blocked but while waiting: none comes between the check and the wait. */
static int await_signal(void)
{
	static const int handled[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction a = { .sa_handler = on_signal };
	sigset_t all, before;
	unsigned i;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	for (i = 0; i < sizeof(handled) / sizeof(*handled); i++)
		sigaction(handled[i], &a, NULL);
	say("ran");
	while (!got)
		sigsuspend(&before);
	return 40 + got;
}

/* An init that stays, as tini does. */
static int init(char **command)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		execv(command[0], command);
		_exit(127);
	}
	while (waitpid(child, &status, 0) != child)
		;
	return WEXITSTATUS(status);
}

/* No runtime starts a container without /proc: it is taken away inside, and
 * with it every right to do so. */
static int without_proc(long id)
{
	unsigned long cap;

	if (umount2("/proc", MNT_DETACH) != 0)
		return -1;
	for (cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; cap++)
		;
	if (setgroups(0, NULL) != 0 || setgid((gid_t)id) != 0 || setuid((uid_t)id) != 0)
		return -1;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	char **e;

	if (argc > 2 && strcmp(what, "time") == 0) {
		say("began");
		execv(argv[2], argv + 2);
		return 127;
	}
	if (argc > 2 && strcmp(what, "exec") == 0) {
		execv(argv[2], argv + 2);
		return 127;
	}
	if (argc > 3 && strcmp(what, "no-proc") == 0) {
		if (without_proc(atol(argv[2])) == 0)
			execv(argv[3], argv + 3);
		perror("no-proc");
		return 127;
	}
	if (argc > 2 && strcmp(what, "init") == 0)
		return init(argv + 2);
	if (argc > 2 && strcmp(what, "exit") == 0)
		return atoi(argv[2]);
	if (strcmp(what, "wait") == 0)
		return await_signal();
	say("ran");
	for (e = environ; *e; e++)
		fwrite(*e, 1, strlen(*e) + 1, stdout);
	return 0;
}
`

// Names of the probe's builds: with the machine's glibc, with musl, and with no
// loader at all.
const (
	probeGlibc  = "probe-glibc"
	probeMusl   = "probe-musl"
	probeStatic = "probe-static"
)

// compileProbes returns the builds' content by name.
func compileProbes(t testing.TB) map[string]string {
	t.Helper()
	dir := t.TempDir()
	source := filepath.Join(dir, "probe.c")
	require.NoError(t, os.WriteFile(source, []byte(probeSource), 0o644))
	probes := map[string]string{}
	for name, cc := range map[string][]string{
		probeGlibc:  {"gcc"},
		probeMusl:   {"musl-gcc"},
		probeStatic: {"musl-gcc", "-static"},
	} {
		out := filepath.Join(dir, name)
		cmd := exec.Command(cc[0], append(cc[1:], "-O1", "-Wall", "-Werror", "-s", "-o", out, source)...)
		text, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", text)
		dt, err := os.ReadFile(out)
		require.NoError(t, err)
		probes[name] = string(dt)
	}
	return probes
}

// loaderOf returns the path of the loader that a binary names.
func loaderOf(t testing.TB, binary string) string {
	t.Helper()
	f, err := elf.NewFile(strings.NewReader(binary))
	require.NoError(t, err)
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			name := make([]byte, p.Filesz)
			_, err := p.ReadAt(name, 0)
			require.NoError(t, err)
			return strings.TrimRight(string(name), "\x00")
		}
	}
	require.Fail(t, "the binary names no loader")
	return ""
}

// probeReport is what a probe has told.
type probeReport struct {
	// began is when the probe was told to take the time, ran when the app ran.
	began, ran time.Duration
	pid, uid   int
	env        []string
}

func parseReport(t testing.TB, out string) probeReport {
	t.Helper()
	var r probeReport
	for {
		line, rest, _ := strings.Cut(out, "\n")
		f := strings.Fields(line)
		require.Len(t, f, 4, "the app has run: %q", out)
		ns, err := strconv.ParseInt(f[1], 10, 64)
		require.NoError(t, err)
		if f[0] == "began" {
			r.began, out = time.Duration(ns), rest
			continue
		}
		require.Equal(t, "ran", f[0])
		r.ran = time.Duration(ns)
		r.pid, err = strconv.Atoi(f[2])
		require.NoError(t, err)
		r.uid, err = strconv.Atoi(f[3])
		require.NoError(t, err)
		for entry := range strings.SplitSeq(strings.TrimSuffix(rest, "\x00"), "\x00") {
			r.env = append(r.env, entry)
		}
		return r
	}
}

// value returns what the app has in a variable.
func (r probeReport) value(name string) string {
	for _, entry := range r.env {
		if v, ok := strings.CutPrefix(entry, name+"="); ok {
			return v
		}
	}
	return ""
}

// names are the variables that the app has.
func (r probeReport) names() []string {
	var list []string
	for _, entry := range r.env {
		name, _, _ := strings.Cut(entry, "=")
		list = append(list, name)
	}
	return list
}
