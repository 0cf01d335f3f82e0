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
	require.Equal(t, "left out, since x: a, b, c, d, e, f, g, h, i, j", DescribeOmissions(all[:10]))
	require.Equal(t, "left out, since x: a, b, c, d, e, f, g, h, i, j and 2 more", DescribeOmissions(all))
	require.Equal(t, "left out, since x: a, b; left out, since y: c", DescribeOmissions(append(all[:2:2], Omission{"c", "y"})))
	require.Empty(t, DescribeOmissions(nil))
}
