/*
 * The address of a communication endpoint, taken apart.
 */
#ifndef ENDPOINT_H
#define ENDPOINT_H

#include "sys.h"
#include "text.h"

struct endpoint {
	struct sockaddr_in addr;
	char authority[128];
	char path[512];
};

/* Reads a number up to max and the byte end behind it. Returns what follows. */
static const char *parse_number(const char *s, unsigned max, char end, unsigned *number)
{
	const char *const start = s;
	unsigned n = 0;

	for (; *s >= '0' && *s <= '9'; s++) {
		n = n * 10 + (unsigned)(*s - '0');
		if (n > max)
			return 0;
	}
	if (s == start || *s != end)
		return 0;
	*number = n;
	return end == '\0' ? s : s + 1;
}

static int parse_address(const char *s, char end, unsigned char addr[4])
{
	unsigned n = 0;
	int i;

	for (i = 0; i < 4 && s; i++) {
		s = parse_number(s, 255, i < 3 ? '.' : end, &n);
		addr[i] = (unsigned char)n;
	}
	return s != 0;
}

/* Takes http://HOST[:PORT][/PATH], HOST an IPv4 address or localhost: names
 * would need a resolver, and https more than this file. */
static int parse_endpoint(const char *s, unsigned long len, struct endpoint *e)
{
	static const char scheme[] = "http://", local[] = "localhost";
	const unsigned long skip = sizeof(scheme) - 1, here = sizeof(local) - 1;
	unsigned long n = 0, colon;
	unsigned port = 80;

	memset(e, 0, sizeof(*e));
	if (len <= skip || !equal(s, scheme, skip))
		return 0;
	s += skip;
	len -= skip;
	while (n < len && s[n] != '/')
		n++;
	if (n == 0 || n >= sizeof(e->authority) || len - n >= sizeof(e->path))
		return 0;
	memcpy(e->authority, s, n);
	/* As the vendor's does with an address that has no path. */
	if (n == len)
		memcpy(e->path, "/communication", sizeof("/communication"));
	else
		memcpy(e->path, s + n, len - n);

	for (colon = 0; e->authority[colon] != '\0' && e->authority[colon] != ':'; colon++)
		;
	if (e->authority[colon] == ':' && !parse_number(e->authority + colon + 1, 65535, '\0', &port))
		return 0;
	e->addr.family = AF_INET;
	e->addr.port[0] = (unsigned char)(port >> 8);
	e->addr.port[1] = (unsigned char)port;
	if (colon == here && equal(e->authority, local, here)) {
		e->addr.addr[0] = 127;
		e->addr.addr[3] = 1;
		return port > 0;
	}
	return port > 0 && parse_address(e->authority, e->authority[colon], e->addr.addr);
}

#endif
