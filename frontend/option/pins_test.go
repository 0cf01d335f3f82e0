package option

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// digestOf returns a digest of one digit.
func digestOf(digit string) string { return "sha256:" + strings.Repeat(digit, 64) }

func TestFor_FindsTheDigestOfAnAgent(t *testing.T) {
	several := pins([]string{"arm64/musl@" + digestOf("1"), "amd64/musl@" + digestOf("2"), "amd64/default@" + digestOf("8")})
	require.Len(t, several, 3)
	require.Equal(t, digestOf("1"), several.For("arm", "musl"))
	require.Equal(t, digestOf("2"), several.For("x86", "musl"))
	require.Equal(t, digestOf("8"), several.For("x86", "default"))
	require.Empty(t, several.For("arm", "default"))
	require.Equal(t, digestOf("9"), pins([]string{digestOf("9")}).For("arm", "default"), "it is for whichever is built")
	require.Empty(t, Pins(nil).For("arm", "default"))
}

func TestMerge_NamesTheSourceThatIsWrong(t *testing.T) {
	for name, tt := range map[string]struct {
		sources []Source
		want    string
	}{
		"the last word":  {[]Source{{Name: "a", Text: "mode=runtime"}, {Name: "b", Text: "preload=env"}}, "b: preload=env needs the agent"},
		"the other word": {[]Source{{Name: "a", Text: "host-group=x"}, {Name: "b", Text: "mode=runtime"}}, "b: host-group needs the agent"},
		"the only word":  {[]Source{{Name: "a", Text: "config=merge;mode=runtime"}, {Name: "b"}}, "a: config=merge needs the agent"},
		"no version":     {[]Source{{Name: "a"}, {Name: "b", Text: "checksum=" + digestOf("0")}}, "b: checksum needs an exact version"},
		"two layers":     {[]Source{{Name: "a", Text: "layer=" + digestOf("0") + "," + digestOf("1")}}, "a: layer has several digests"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := Merge(tt.sources, "")
			var located *SourceError
			require.ErrorAs(t, err, &located)
			require.ErrorContains(t, err, tt.want)
			require.Equal(t, tt.want[3:], errors.Unwrap(located).Error()[:len(tt.want)-3])
		})
	}
}
