package moduleconfig

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAWarningHasAnEnd(t *testing.T) {
	names := strings.Split("a b c d e f g h i j k l", " ")
	require.True(t, strings.HasSuffix(LeftOut(names[:10]), ": a, b, c, d, e, f, g, h, i, j"))
	require.True(t, strings.HasSuffix(LeftOut(names), "i, j and 2 more"))
}
