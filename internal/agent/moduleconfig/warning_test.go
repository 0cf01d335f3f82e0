package moduleconfig

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAWarningHasAnEnd(t *testing.T) {
	var all []Omission
	for _, name := range strings.Split("a b c d e f g h i j k l", " ") {
		all = append(all, Omission{name, "x"})
	}
	require.Equal(t, "left out, since x: a, b, c, d, e, f, g, h, i, j", LeftOut(all[:10]))
	require.Equal(t, "left out, since x: a, b, c, d, e, f, g, h, i, j and 2 more", LeftOut(all))
	require.Equal(t, "left out, since x: a, b; left out, since y: c", LeftOut(append(all[:2:2], Omission{"c", "y"})))
	require.Empty(t, LeftOut(nil))
}
