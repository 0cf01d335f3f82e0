package seal

import (
	"crypto/rand"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStable(t *testing.T) {
	t.Parallel()
	text, key := []byte(rand.Text()), rand.Text()
	sealed, err := Stable(text, key)
	require.NoError(t, err)
	require.NotContains(t, string(sealed), string(text))

	again, err := Stable(text, key)
	require.NoError(t, err)
	require.Equal(t, sealed, again, "the cache is keyed by these bytes")
	got, err := OpenStable(sealed, key)
	require.NoError(t, err)
	require.Equal(t, text, got)

	other, err := Stable(append([]byte("x"), text...), key)
	require.NoError(t, err)
	require.NotEqual(t, sealed[:nonceSize], other[:nonceSize], "another text has another nonce")
	other, err = Stable(text, key+"x")
	require.NoError(t, err)
	require.NotEqual(t, sealed[:nonceSize], other[:nonceSize], "another secret has another nonce")
}

func TestOpenStable_RefusesWhatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	key := rand.Text()
	sealed, err := Stable([]byte("text"), key)
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		sealed []byte
		key    string
	}{
		"another secret": {sealed, key + "x"},
		"no secret":      {sealed, ""},
		"nothing":        {nil, key},
		"cut short":      {sealed[:nonceSize-1], key},
		"without text":   {sealed[:nonceSize], key},
	} {
		_, err := OpenStable(tt.sealed, tt.key)
		require.ErrorIs(t, err, ErrSecret, name)
	}
	for i := range sealed {
		changed := append([]byte(nil), sealed...)
		changed[i] ^= 1
		_, err := OpenStable(changed, key)
		require.ErrorIs(t, err, ErrSecret, "byte %d", i)
	}
	// The other form's keys are other keys.
	_, err = OpenBytes(sealed, key)
	require.ErrorIs(t, err, ErrSecret)
}
