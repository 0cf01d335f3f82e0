/*
 * Text without a C library: a buffer that never overflows, base64, SHA-256.
 */
#ifndef TEXT_H
#define TEXT_H

/* The compiler may call these by name. They are hidden: the app's own C library
 * keeps its functions. */
void *memcpy(void *to, const void *from, unsigned long n)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	while (n-- > 0)
		*t++ = *f++;
	return to;
}

void *memset(void *to, int c, unsigned long n)
{
	unsigned char *t = to;

	while (n-- > 0)
		*t++ = (unsigned char)c;
	return to;
}

static unsigned long length(const char *s)
{
	unsigned long n = 0;

	while (s[n] != '\0')
		n++;
	return n;
}

static int equal(const char *a, const char *b, unsigned long n)
{
	while (n > 0 && *a == *b && *a != '\0') {
		a++;
		b++;
		n--;
	}
	return n == 0 || *a == *b;
}

/* A text that is written piece by piece. full says that something did not fit. */
struct text {
	char *at;
	unsigned long size, len;
	int full;
};

static void put(struct text *t, const char *s, unsigned long n)
{
	if (t->full || n >= t->size - t->len) {
		t->full = 1;
		return;
	}
	memcpy(t->at + t->len, s, n);
	t->len += n;
	t->at[t->len] = '\0';
}

static void say(struct text *t, const char *s)
{
	put(t, s, length(s));
}

static void say_number(struct text *t, unsigned long n, unsigned base)
{
	char digits[24];
	unsigned at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[n % base];
		n /= base;
	} while (n > 0);
	put(t, digits + at, sizeof(digits) - at);
}

static void say_base64(struct text *t, const char *s, unsigned long n)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *b = (const unsigned char *)s;
	unsigned long i;

	for (i = 0; i < n; i += 3) {
		const unsigned long left = n - i;
		const unsigned word = (unsigned)b[i] << 16 | (left > 1 ? (unsigned)b[i + 1] << 8 : 0) |
				      (left > 2 ? b[i + 2] : 0);
		char out[4];

		out[0] = letters[word >> 18];
		out[1] = letters[word >> 12 & 63];
		out[2] = left > 1 ? letters[word >> 6 & 63] : '=';
		out[3] = left > 2 ? letters[word & 63] : '=';
		put(t, out, sizeof(out));
	}
}

/* SHA-256 as FIPS 180-4 defines it. */
struct sha256 {
	unsigned state[8];
	unsigned char block[64];
	unsigned long long len;
};

static unsigned turn(unsigned x, int n)
{
	return x >> n | x << (32 - n);
}

static void sha256_block(struct sha256 *h)
{
	static const unsigned k[64] = {
		0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
		0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
		0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
		0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
		0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
		0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
		0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
		0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
	};
	unsigned w[64], s[8];
	int i;

	for (i = 0; i < 16; i++)
		w[i] = (unsigned)h->block[4 * i] << 24 | (unsigned)h->block[4 * i + 1] << 16 |
		       (unsigned)h->block[4 * i + 2] << 8 | h->block[4 * i + 3];
	for (; i < 64; i++)
		w[i] = w[i - 16] + (turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3) + w[i - 7] +
		       (turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10);
	memcpy(s, h->state, sizeof(s));
	for (i = 0; i < 64; i++) {
		const unsigned t1 = s[7] + (turn(s[4], 6) ^ turn(s[4], 11) ^ turn(s[4], 25)) +
				    ((s[4] & s[5]) ^ (~s[4] & s[6])) + k[i] + w[i];
		const unsigned t2 = (turn(s[0], 2) ^ turn(s[0], 13) ^ turn(s[0], 22)) +
				    ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
		int j;

		for (j = 7; j > 0; j--)
			s[j] = s[j - 1];
		s[4] += t1;
		s[0] = t1 + t2;
	}
	for (i = 0; i < 8; i++)
		h->state[i] += s[i];
}

static void sha256_start(struct sha256 *h)
{
	static const unsigned first[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

	memcpy(h->state, first, sizeof(first));
	h->len = 0;
}

static void sha256_add(struct sha256 *h, const char *s, unsigned long n)
{
	for (; n > 0; s++, n--) {
		h->block[h->len++ % 64] = (unsigned char)*s;
		if (h->len % 64 == 0)
			sha256_block(h);
	}
}

static void sha256_say(struct sha256 *h, struct text *t)
{
	const unsigned long long bits = h->len * 8;
	char end[8];
	int i;

	sha256_add(h, "\x80", 1);
	while (h->len % 64 != 56)
		sha256_add(h, "", 1);
	for (i = 0; i < 8; i++)
		end[i] = (char)(bits >> (56 - 8 * i));
	sha256_add(h, end, sizeof(end));
	for (i = 0; i < 64; i++)
		put(t, &"0123456789abcdef"[h->state[i / 8] >> (28 - i % 8 * 4) & 15], 1);
}

#endif
