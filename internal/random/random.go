// Package random makes values for tests of secrets. Each is different in each
// run, so that no test and no code can know it.
package random

import "crypto/rand"

const (
	lower  = "abcdefghijklmnopqrstuvwxyz"
	digits = "0123456789"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// rare are the characters that base32, and thus crypto/rand.Text, does not have.
const rare = "0189"

// Text returns 32 letters and digits. All of 0, 1, 8, 9, and letters of both
// cases, are among them: a pattern that lacks one does not match it.
func Text() string { return of(upper+lower+digits, rare+"Zz") }

// Lower returns 32 small letters and digits, 0, 1, 8 and 9 among them, such as
// names of hosts and environments have. It begins with a letter.
func Lower() string { return "h" + of(lower+digits, rare)[1:] }

// Token returns a value in the form of an API token.
//
// Source: docs.dynatrace.com, "Dynatrace API - Tokens and authentication".
func Token() string {
	// The vendor's alphabet has no small letters.
	part := func() string { return of(upper+digits, rare) }
	return "dt0c01." + part()[:24] + "." + part() + part()
}

// of returns 32 characters of an alphabet: those of with at places from 1 on that
// are the same each time, the others random.
func of(alphabet, with string) string {
	out := make([]byte, 32)
	for i := range out {
		out[i] = alphabet[below(len(alphabet))]
	}
	copy(out[2:], with)
	return string(out)
}

// below returns a random number from 0 to n-1; n is at most 256.
func below(n int) int {
	var b [1]byte
	for {
		_, _ = rand.Read(b[:]) // it never fails
		if v := int(b[0]); v < 256-256%n {
			return v % n
		}
	}
}
