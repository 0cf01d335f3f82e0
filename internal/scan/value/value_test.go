package value_test

import (
	"crypto/rand"
	"encoding/binary"
	"testing"
	"unicode/utf16"

	"github.com/org/dt-frontend/internal/scan/value"
	"github.com/stretchr/testify/require"
)

// utf16Of returns s in UTF-16 without a byte order mark.
func utf16Of(s string, order binary.AppendByteOrder) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

func TestRead_Trims(t *testing.T) {
	word := rand.Text()
	for name, raw := range map[string]string{
		"as it is":           word,
		"spaces":             "  " + word + "\t",
		"a line end":         word + "\n",
		"of Windows":         "\ufeff" + word + "\r\n",
		"mark behind spaces": " \ufeff " + word,
		"no-break space":     "\u00a0" + word,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := value.Read("DT_TENANT", raw)
			require.NoError(t, err)
			require.Equal(t, word, got)
			require.Equal(t, word, value.Trim(raw))
		})
	}
	for _, raw := range []string{"", " \r\n", "\ufeff"} {
		got, err := value.Read("DT_TENANT", raw)
		require.NoError(t, err)
		require.Empty(t, got)
	}
}

func TestRead_KeepsWhatIsInside(t *testing.T) {
	for _, raw := range []string{
		"dt0c01.PUBLIC.SECRET", "a b", "aGVsbG8=", "A_BC==", "A_B=", "A=b",
		"https://host/e/x/api?a_b=c", `http://user:pa"ss'=@proxy.invalid:3128`,
		"{*https://a:9999/communication;https://b/communication}{https://c/communication}",
	} {
		got, err := value.Read("DT_PROXY", raw)
		require.NoError(t, err)
		require.Equal(t, raw, got)
	}
}

func TestRead_SaysWhatIsWrong(t *testing.T) {
	word := rand.Text()
	const (
		quoted  = "invalid DT_TENANT: it is in quotes, which are part of the value (docker run --env-file and files keep them); remove the quotes"
		named   = "invalid DT_TENANT: it begins with the name of a variable and an equals sign; give only the value, in DT_TENANT itself or alone in its file"
		utf16ed = "invalid DT_TENANT: it is in UTF-16, as PowerShell writes files; save it in UTF-8 (Set-Content -Encoding ascii)"
	)
	for name, tt := range map[string]struct{ raw, want string }{
		"quotes":               {`"` + word + `"`, quoted},
		"single quotes":        {" '" + word + "'\n", quoted},
		"one quote":            {word + `"`, quoted},
		"typographic quotes":   {"“" + word + "”", quoted},
		"empty quotes":         {`""`, quoted},
		"name in front":        {"DT_TENANT=" + word, named},
		"spaces around equals": {"DT_TENANT = " + word + "\n", named},
		"of a shell":           {"export DT_TENANT=" + word, named},
		"of PowerShell":        {`$env:DT_TENANT = "` + word + `"`, named},
		"another's name":       {"DT_API_TOKEN=" + word, named},
		"UTF-16 of Windows":    {"\xff\xfe" + utf16Of(word+"\r\n", binary.LittleEndian), utf16ed},
		"UTF-16, big end":      {"\xfe\xff" + utf16Of(word, binary.BigEndian), utf16ed},
		"UTF-16 and no mark":   {utf16Of(word, binary.LittleEndian), utf16ed},
		"Latin-1":              {word + "\xe4", "invalid DT_TENANT: it is not a text in UTF-8; save it in UTF-8"},
		"binary":               {"\x30\x82\x01\x00" + word, "invalid DT_TENANT: it is binary data; give it as text (a certificate in PEM)"},
		"two lines":            {word + "\n" + word + "\n", "invalid DT_TENANT: it has 2 lines; give the value alone, in one line"},
		"lines of Windows":     {word + "\r\n" + word + "\r\n\r\n" + word, "invalid DT_TENANT: it has 4 lines; give the value alone, in one line"},
		"a file of variables":  {"DT_API_TOKEN=" + word + "\nDT_TENANT=" + word + "\n", named},
		"an escape":            {word + "\x1b[0m", "invalid DT_TENANT: it has a control character in it; type the value again, or copy it again from where it is shown"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := value.Read("DT_TENANT", tt.raw)
			require.EqualError(t, err, tt.want)
			require.Empty(t, got)
			require.NotContains(t, err.Error(), word)
			var verr *value.Error
			require.ErrorAs(t, err, &verr)
			require.Equal(t, "DT_TENANT", verr.Name)
		})
	}
}

func TestText_TakesManyLines(t *testing.T) {
	got, err := value.Text("DT_CA_CERT", "\ufeffone\r\ntwo\n")
	require.NoError(t, err)
	require.Equal(t, "one\r\ntwo", got)
	for _, raw := range []string{`"one` + "\n" + `two"`, "DT_CA_CERT=one\ntwo", utf16Of("one\ntwo", binary.LittleEndian)} {
		_, err := value.Text("DT_CA_CERT", raw)
		require.ErrorContains(t, err, "invalid DT_CA_CERT: it ")
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		" COST_CENTER=12 Department=\"A B\"\n": `COST_CENTER=12 Department="A B"`,
		`"A B"=1 C="2"`:                        `"A B"=1 C="2"`,
		`"`:                                    `"`,
		"":                                     "",
	} {
		got, err := value.List("tags", raw)
		require.NoError(t, err, raw)
		require.Equal(t, want, got)
	}
	for _, raw := range []string{`"a=b"`, "'a=b c=d'", "“a”", "\xff\xfea\x00", "\x00"} {
		_, err := value.List("tags", raw)
		require.ErrorContains(t, err, "invalid tags: it is ", raw)
	}
}

func TestAny_TakesAllButUTF16(t *testing.T) {
	word := rand.Text()
	for raw, want := range map[string]string{
		"\ufeff" + word + "\r\n": word, `"` + word + `"`: `"` + word + `"`, "a=" + word: "a=" + word,
		word + "\x00\x01": word + "\x00\x01", "A_B=" + word + "\n" + word: "A_B=" + word + "\n" + word,
	} {
		got, err := value.Any("x", raw)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := value.Any("x", "\xff\xfe"+utf16Of(word, binary.LittleEndian))
	require.EqualError(t, err, "invalid x: it is in UTF-16, as PowerShell writes files; save it in UTF-8 (Set-Content -Encoding ascii)")
}
