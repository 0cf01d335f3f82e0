/*
 * Stand-in for OneAgent's preload library. Loaded by LD_PRELOAD it reports the
 * process to the cluster that the environment names, then gets out of the way.
 *
 * As the vendor's, it needs no C library and so is one for glibc and musl. It
 * knows the kernel alone, and whatever goes wrong is kept silent: the app must
 * not notice.
 */
#include "endpoint.h"
#include "sys.h"
#include "text.h"

#define LIMIT_MS 1000 /* to connect, and again for each exchange */
#define TOTAL_MS 3000
#define MAX_ENDPOINTS 4
#define MAX_VALUE 256

/* What makes an installer writes its version over this. */
static volatile char version[64] = "0.0.0.19700101-000000 (the stand-in's version goes here)";

/* What the environment says. Longer values are cut, and then are not usable. */
static char tenant[MAX_VALUE + 2], token[MAX_VALUE + 2], active[8], config_dir[1024], points[8192];

static const struct variable {
	const char *name;
	char *value;
	unsigned long size;
} variables[] = {
	{ "DT_TENANT=", tenant, sizeof(tenant) },
	{ "DT_TENANTTOKEN=", token, sizeof(token) },
	{ "DT_AGENTACTIVE=", active, sizeof(active) },
	{ "DT_VAR_CONFIG_DIR=", config_dir, sizeof(config_dir) },
	{ "DT_CONNECTION_POINT=", points, sizeof(points) },
};

#define VARIABLES (sizeof(variables) / sizeof(variables[0]))

/* Where there is no /proc. Both C libraries have them, and neither is needed. */
extern char **environ __attribute__((weak));
extern char *program_invocation_short_name __attribute__((weak));

/* Keeps entry, of n bytes, if it is one of the variables. */
static void keep(const char *entry, unsigned long n)
{
	unsigned long i;

	for (i = 0; i < VARIABLES; i++) {
		const struct variable *v = &variables[i];
		const unsigned long skip = length(v->name);

		if (n >= skip && equal(entry, v->name, skip)) {
			n -= skip;
			if (n >= v->size)
				n = v->size - 1;
			memcpy(v->value, entry + skip, n);
			v->value[n] = '\0';
			return;
		}
	}
}

/* A constructor has no environment with musl, so it is read from the kernel. */
static void read_environment(void)
{
	static char entry[sizeof(points) + 64];
	unsigned long len = 0;
	char buf[1024];
	const int fd = sys_open("/proc/self/environ");
	char **e;
	long n, i;

	if (fd < 0) {
		for (e = &environ ? environ : 0; e && *e; e++)
			keep(*e, length(*e));
		return;
	}
	while ((n = sys_read(fd, buf, sizeof(buf))) > 0)
		for (i = 0; i < n; i++) {
			if (buf[i] == '\0') {
				keep(entry, len);
				len = 0;
			} else if (len < sizeof(entry)) {
				entry[len++] = buf[i];
			}
		}
	sys_close(fd);
}

/* Header values come from the environment: none may break a header line. */
static int usable(const char *value)
{
	unsigned long n;

	for (n = 0; value[n] != '\0'; n++)
		if ((unsigned char)value[n] <= ' ' || (unsigned char)value[n] >= 0x7f)
			return 0;
	return n > 0 && n <= MAX_VALUE;
}

/* Appends a file of /proc, NUL bytes turned into blanks. */
static void say_line(struct text *t, const char *path)
{
	char buf[512];
	long have = 0, n, i;
	const int fd = sys_open(path);

	if (fd < 0)
		return;
	while (have < (long)sizeof(buf) && (n = sys_read(fd, buf + have, sizeof(buf) - (unsigned long)have)) > 0)
		have += n;
	sys_close(fd);
	for (i = 0; i < have; i++)
		if (buf[i] == '\0')
			buf[i] = ' ';
	while (have > 0 && (buf[have - 1] == ' ' || buf[have - 1] == '\n'))
		have--;
	put(t, buf, (unsigned long)have);
}

/* Appends the SHA-256 of the certificates that the vendor's agent would trust:
 * it reads them here and nowhere below its own directory. */
static void say_trusted(struct text *t)
{
	static char name[sizeof(config_dir) + 64];
	struct text path = { name, sizeof(name), 0, 0 };
	struct sha256 h;
	char buf[1024];
	long n;
	int fd;

	say(&path, config_dir[0] != '\0' ? config_dir : "/var/lib");
	say(&path, "/dynatrace/oneagent/agent/customkeys/custom.pem");
	if (path.full || (fd = sys_open(name)) < 0)
		return;
	sha256_start(&h);
	while ((n = sys_read(fd, buf, sizeof(buf))) > 0)
		sha256_add(&h, buf, (unsigned long)n);
	sys_close(fd);
	if (n == 0)
		sha256_say(&h, t);
}

/* The body is the stand-in's own: a mark, and fields with a NUL behind each. */
static void say_body(struct text *t)
{
	const unsigned long mark = t->len + sizeof("DTSTANDIN1");

	put(t, "DTSTANDIN1", sizeof("DTSTANDIN1"));
	say_line(t, "/proc/self/comm");
	if (t->len == mark && &program_invocation_short_name)
		say(t, program_invocation_short_name);
	put(t, "", 1);
	say_number(t, (unsigned long)sys_getpid(), 10);
	put(t, "", 1);
	say_trusted(t);
	put(t, "", 1);
	say_line(t, "/proc/self/cmdline");
}

static void say_version(struct text *t)
{
	unsigned i;

	for (i = 0; i < sizeof(version) && version[i] > ' '; i++) {
		const char c = version[i];

		put(t, &c, 1);
	}
}

/* Sends one request on a connection of its own. Returns whether anything was
 * answered. */
static int exchange(const struct endpoint *e, const char *method, const struct text *body)
{
	static char buf[8192], pair[2 * sizeof(tenant)];
	struct text request = { buf, sizeof(buf), 0, 0 }, credentials = { pair, sizeof(pair), 0, 0 };
	const int fd = dial(&e->addr, now_ms() + LIMIT_MS);
	const long long deadline = now_ms() + LIMIT_MS;
	int answered;

	if (fd < 0)
		return 0;
	say(&credentials, tenant);
	say(&credentials, ":");
	say(&credentials, token);
	say(&request, method);
	say(&request, " ");
	say(&request, e->path);
	say(&request, " HTTP/1.1\r\nHost: ");
	say(&request, e->authority);
	say(&request, "\r\nAuthorization: Basic ");
	say_base64(&request, pair, credentials.len);
	say(&request, "\r\nUser-Agent: ruxit/");
	say_version(&request);
	say(&request, " 0x");
	say_number(&request, (unsigned long)now_ms() << 20 ^ (unsigned long)sys_getpid(), 16);
	say(&request, " ");
	say(&request, tenant);
	say(&request, "\r\nConnection: close\r\n");
	if (body) {
		say(&request, "Content-Type: application/bin\r\nContent-Length: ");
		say_number(&request, body->len, 10);
		say(&request, "\r\n");
	}
	say(&request, "\r\n");
	if (body)
		put(&request, body->at, body->len);
	answered = !request.full && send_all(fd, buf, request.len, deadline) && drain(fd, deadline) > 0;
	sys_close(fd);
	return answered;
}

static void check_in(void)
{
	static char buf[4096];
	struct text body = { buf, sizeof(buf), 0, 0 };
	const long long end = now_ms() + TOTAL_MS;
	const char *next = points;
	int tried = 0;

	say_body(&body);
	while (!body.full && *next != '\0' && tried < MAX_ENDPOINTS && now_ms() < end) {
		struct endpoint e;
		unsigned long n = 0;

		/* Groups as {*https://a;https://b}{https://c} are taken, too. */
		while (next[n] != '\0' && next[n] != ';' && next[n] != '{' && next[n] != '}' && next[n] != '*')
			n++;
		if (parse_endpoint(next, n, &e) && usable(e.path)) {
			tried++;
			if (exchange(&e, "HEAD", 0)) {
				exchange(&e, "POST", &body);
				return;
			}
		}
		next += n;
		next += *next != '\0';
	}
}

__attribute__((constructor)) static void start(void)
{
	read_environment();
	if (usable(tenant) && usable(token) && !(equal(active, "false", sizeof("false"))))
		check_in();
}
