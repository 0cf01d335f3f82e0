package scan

import (
	"bytes"
	"crypto/rand"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// environment is what a build looks for: 20 values and more, of the lengths that
// they have.
func environment() []Value {
	word := func(n int) string { return strings.ToLower(rand.Text() + rand.Text())[:n] }
	out := []Value{
		{"API token", "dt0c01." + rand.Text()[:24] + "." + rand.Text() + rand.Text() + rand.Text()[:12]},
		{"environment id", word(8)},
		{"tenant token", rand.Text()[:24]},
		{"fingerprint", word(50)},
	}
	for range 6 {
		out = append(out, Address("communication endpoint", "https://sg-us-east-1-"+word(12)+".live.example.invalid:9999/communication")...)
	}
	return out
}

// BenchmarkScan reads blocks as an install step does, on one core. What memory
// allows is that of "read".
func BenchmarkScan(b *testing.B) {
	exe, err := os.Executable()
	require.NoError(b, err)
	program, err := os.ReadFile(exe)
	require.NoError(b, err)
	const size = 64 << 20
	repeat := func(p []byte) []byte { return bytes.Repeat(p, size/len(p)+1)[:size] }
	texts := map[string][]byte{
		"noise":   noise(size),
		"program": repeat(program),
		"zeros":   repeat([]byte{0}),
		"text":    repeat([]byte("public class Example extends Object { private static final String NAME = \"example\"; } // 0123456789abcdef\n")),
	}
	s := New(environment())
	const block = 1 << 20
	for _, name := range []string{"noise", "program", "zeros", "text"} {
		text := texts[name]
		b.Run(name, func(b *testing.B) {
			perCPU(b, size, func() {
				st := s.Stream()
				for i := 0; i < size; i += block {
					st.Write(text[i : i+block])
				}
			})
		})
	}
	b.Run("read", func(b *testing.B) {
		perCPU(b, size, func() {
			if bytes.IndexByte(texts["zeros"], 1) >= 0 {
				b.Fatal("there is none")
			}
		})
	})
}

// perCPU reports what one core does in a second of its own: others may use it
// at the same time.
func perCPU(b *testing.B, size int64, do func()) {
	cpu := func() int64 {
		var now unix.Timespec
		require.NoError(b, unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &now))
		return now.Nano()
	}
	began := cpu()
	for b.Loop() {
		do()
	}
	b.ReportMetric(float64(size)*float64(b.N)*1000/float64(cpu()-began), "MB/cpu-s")
}
