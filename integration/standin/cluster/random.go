package cluster

import (
	crand "crypto/rand"
	"crypto/sha256"
	"math/rand/v2"
	"strings"
)

const (
	lower  = "abcdefghijklmnopqrstuvwxyz"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits = "0123456789"
)

// secret returns n random characters of an alphabet. It does not depend on the
// server's seed: a secret that could be computed would be none.
func secret(n int, alphabet string) string {
	var b strings.Builder
	for b.Len() < n {
		var one [1]byte
		crand.Read(one[:]) // never fails, as documented
		// Bytes past the last whole alphabet would favour its first letters.
		if int(one[0]) < 256-256%len(alphabet) {
			b.WriteByte(alphabet[int(one[0])%len(alphabet)])
		}
	}
	return b.String()
}

// newToken returns an API token in the documented format.
func newToken() string {
	return strings.Join([]string{"dt0c01", secret(24, upper+digits), secret(64, upper+digits)}, ".")
}

// stream returns the pseudo-random bytes that belong to a name: the same
// whenever it is asked for, so that what is made of them can be repeated.
func stream(name ...string) *rand.ChaCha8 {
	return rand.NewChaCha8(sha256.Sum256([]byte(strings.Join(name, "\x00"))))
}

// dice is stream for decisions.
func dice(name ...string) *rand.Rand {
	return rand.New(stream(name...))
}

func pick[T any](r *rand.Rand, from []T) T {
	return from[r.IntN(len(from))]
}

// word returns a random word of lower-case letters.
func word(r *rand.Rand) string {
	b := make([]byte, 5+r.IntN(6))
	for i := range b {
		b[i] = lower[r.IntN(len(lower))]
	}
	return string(b)
}
