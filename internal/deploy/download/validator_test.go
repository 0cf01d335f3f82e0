package download

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestValidator(t *testing.T) {
	t.Parallel()
	const minute, second = "Wed, 21 Oct 2015 07:29:00 GMT", "Wed, 21 Oct 2015 07:28:59 GMT"
	const modified, soon, later = "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:10 GMT", "Wed, 21 Oct 2015 08:28:00 GMT"
	for _, tc := range []struct{ ranges, tag, modified, date, want string }{
		{"bytes", `"a"`, modified, later, `"a"`},
		{"Bytes", `"a"`, "", "", `"a"`},
		{"", `"a"`, modified, later, ""},
		{"none", `"a"`, modified, later, ""},
		{"bytes", `W/"a"`, modified, later, modified},
		{"bytes", `W/"a"`, "", later, ""},
		{"bytes", "a", "", later, ""},
		{" bytes ", `"a"`, "", "", `"a"`},
		{"bytes", `"0"`, modified, later, `"0"`},
		{"bytes", `""`, "", later, ""},
		{"bytes", `"`, "", later, ""},
		{"bytes", `"a`, "", later, ""},
		{"bytes", `a"`, "", later, ""},
		{"bytes", "", modified, minute, modified},
		{"bytes", "", modified, second, ""},
		{"bytes", "", modified, soon, ""},
		{"bytes", "", modified, "", ""},
		{"bytes", "", "soon", later, ""},
	} {
		h := http.Header{}
		for key, value := range map[string]string{"Accept-Ranges": tc.ranges, "ETag": tc.tag, "Last-Modified": tc.modified, "Date": tc.date} {
			h.Set(key, value)
		}
		require.Equal(t, tc.want, validator(h), "%+v", tc)
	}
}
