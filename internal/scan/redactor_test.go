package scan

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// digits has the digits that rand.Text never returns, which is base32.
const digits = "0189"

// values are those of one environment, of every kind, each with every sort of
// character that it can have.
func values() map[string]string {
	id := strings.ToLower(rand.Text()[:4]) + digits
	return map[string]string{
		"API token":              "dt0c01." + rand.Text()[:20] + digits + "." + (rand.Text() + digits + rand.Text() + digits + rand.Text())[:64],
		"token without a prefix": rand.Text() + digits + "_-",
		"tenant token":           rand.Text() + strings.ToLower(rand.Text()) + digits,
		"environment id":         id,
		"UUID":                   "01890189-" + rand.Text()[:4] + "-0189-0189-" + strings.ToLower(rand.Text()[:8]) + digits,
		"API address":            "https://" + id + ".live.invalid:8019/e/" + id + "/api",
		"communication endpoint": "https://sg-" + strings.ToLower(rand.Text()) + "-0189.invalid/communication",
		"proxy":                  "http://user:" + rand.Text() + "+/=&%0189@proxy-" + rand.Text() + ".invalid:3128",
		"certificate":            "-----BEGIN CERTIFICATE-----\n" + base64.StdEncoding.EncodeToString([]byte(rand.Text()+digits)) + "\n-----END CERTIFICATE-----",
		"fingerprint":            hex.EncodeToString([]byte(rand.Text())),
		"another alphabet":       "pässwörd-" + rand.Text() + digits,
	}
}

func TestRedactorText_HidesEveryKindInEveryForm(t *testing.T) {
	t.Parallel()
	forms := map[string]func(string) string{
		"plain":           func(v string) string { return v },
		"upper case":      strings.ToUpper,
		"lower case":      strings.ToLower,
		"hex":             func(v string) string { return hex.EncodeToString([]byte(v)) },
		"hex, upper case": func(v string) string { return fmt.Sprintf("%X", v) },
		"a query":         url.QueryEscape,
		"a path":          url.PathEscape,
		"a query, lower": func(v string) string {
			return strings.NewReplacer("%2F", "%2f", "%3A", "%3a", "%3D", "%3d").Replace(url.QueryEscape(v))
		},
		"JSON":          func(v string) string { dt, _ := json.Marshal(v); return strings.Trim(string(dt), `"`) },
		"JSON of PHP":   func(v string) string { return strings.ReplaceAll(v, "/", `\/`) },
		"UTF-16":        func(v string) string { return utf16(v, false) },
		"UTF-16, other": func(v string) string { return utf16(v, true) },
	}
	for kind, v := range values() {
		r := NewRedactor(Value{Kind: kind, Value: v})
		for form, write := range forms {
			if form == "JSON of PHP" && kind == "certificate" || strings.HasPrefix(form, "UTF-16") && kind == "another alphabet" {
				continue // these have other bytes between them
			}
			if strings.HasSuffix(form, "per case") && kind == "another alphabet" {
				continue // only the case of ASCII is ignored
			}
			text := write(v)
			require.Equal(t, "a <"+kind+">\nb", r.Text("a "+text+"\nb"), "%s, %s", kind, form)
			if strings.HasPrefix(form, "UTF-16") {
				continue // one's last byte may be the next one's first
			}
			require.Equal(t, "x<"+kind+">/<"+kind+">?x", r.Text("x"+text+"/"+text+"?x"), "%s, %s", kind, form)
		}
	}
}

// A value may stand anywhere in what is encoded, which moves the digits of base64.
func TestRedactorText_HidesBase64AtEveryOffset(t *testing.T) {
	t.Parallel()
	for kind, v := range values() {
		r := NewRedactor(Value{Kind: kind, Value: v})
		for _, before := range []string{"", "u", "u:", "Basic", "Bearer"} {
			for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding} {
				got := r.Text("x " + enc.EncodeToString([]byte(before+v+" and more")) + " y")
				require.Contains(t, got, "<"+kind+">", kind)
				// Of the value's first and last character a few bits are left.
				begin, rest, _ := strings.Cut(got, "<"+kind+">")
				require.LessOrEqual(t, len(begin), len("x ")+(len(before)+1)*4/3+1, kind)
				require.LessOrEqual(t, len(rest), len(" and more")*4/3+4+len(" y"), kind)
			}
		}
	}
}

func TestRedactorText_LeavesEverythingElse(t *testing.T) {
	t.Parallel()
	r := &Redactor{}
	for _, v := range values() {
		r.Add(Value{Kind: "x", Value: v})
	}
	for _, text := range []string{"", "a", "\x00\xff\n", "dt0", "check DT_API_TOKEN (dt0c01)", "dt0c01.<public>.<secret>", strings.Repeat("ä ", 1000)} {
		require.Equal(t, text, r.Text(text))
	}
}

func TestRedactorText_HidesWhatOverlaps(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		values     []Value
		text, want string
	}{
		"one within another":   {[]Value{{"a", "secret89"}, {"b", "my-secret89-01"}}, "x my-secret89-01 secret89 y", "x <b> <a> y"},
		"the other way round":  {[]Value{{"b", "my-secret89-01"}, {"a", "secret89"}}, "x my-secret89-01 secret89 y", "x <b> <a> y"},
		"one across another":   {[]Value{{"a", "secret89"}, {"b", "89-01tail"}}, "x secret89-01tail y", "x <a><b> y"},
		"three in a chain":     {[]Value{{"a", "secret89"}, {"b", "89-01tail"}, {"c", "tail0000"}}, "secret89-01tail0000", "<a><b><c>"},
		"one across itself":    {[]Value{{"a", "abc8abc8"}}, "x abc8abc8abc8 y", "x <a> y"},
		"one behind another":   {[]Value{{"a", "secret89"}, {"b", "other-01"}}, "secret89other-01", "<a><b>"},
		"equal values":         {[]Value{{"b", "secret89"}, {"a", "secret89"}}, "x secret89 y", "x <b> y"},
		"equal begin":          {[]Value{{"a", "secret89"}, {"b", "secret89-longer"}}, "x secret89-longer y", "x <b> y"},
		"a known token":        {[]Value{{"DT_API_TOKEN", "dt0c01.ABC.DEF89"}}, "x dt0c01.ABC.DEF89YZ y", "x <DT_API_TOKEN> y"},
		"a token with a value": {[]Value{{"a", "secret89"}}, "x dt0c01.ABC.secret89-01 y", "x <a> y"},
	} {
		require.Equal(t, tt.want, NewRedactor(tt.values...).Text(tt.text), name)
	}
}

func TestRedactorText_HidesShortValuesWithoutHarm(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ value, text, want string }{
		{"", "a text", "a text"},
		{"a", "a tea, a.b", "<x> tea, <x>.b"},
		{"ab9", "ab9 cab9 ab9c /ab9/ AB9 ab9_", "<x> cab9 ab9c /<x>/ AB9 ab9_"},
		{"ab90", "ab90 cab90d AB90", "<x> c<x>d AB90"},
		{"ab901", "ab901 cab901d AB901", "<x> c<x>d AB901"},
		{"ab9018", "ab9018 cab9018d AB9018 616239303138", "<x> c<x>d <x> <x>"},
		{"token", "invalid DT_API_TOKEN: the token", "invalid DT_API_TOKEN: the <x>"},
	} {
		require.Equal(t, tt.want, NewRedactor(Value{"x", tt.value}).Text(tt.text), tt.value)
	}
}

func TestRedactorText_HidesTokensByTheirForm(t *testing.T) {
	t.Parallel()
	r := &Redactor{}
	secret := rand.Text() + digits
	for _, text := range []string{
		"dt0c01." + rand.Text() + "." + secret, "dt0s16." + digits + "." + secret, "dt0x99." + secret,
		"DT0C01." + rand.Text() + "." + secret, "dt0c01." + secret + "-" + digits + "_x", "dt0c01." + secret + ".",
	} {
		require.Equal(t, "x <API token> y", r.Text("x "+text+" y"), text)
		require.Equal(t, "x=<API token>, <API token>", r.Text("x="+text+", "+text), text)
	}
}

func TestRedactorAddURL_HidesWhatIdentifiesSomebody(t *testing.T) {
	t.Parallel()
	user, password := "u-"+rand.Text(), "p/"+rand.Text()+digits
	host := strings.ToLower(rand.Text()) + "-0189.invalid"
	address := &url.URL{Scheme: "http", Host: host + ":8019", User: url.UserPassword(user, password), Path: "/x"}
	r := &Redactor{}
	r.AddURL("DT_PROXY", address.String())
	for text, want := range map[string]string{
		address.String():                        "<DT_PROXY>",
		address.String() + "/more":              "<DT_PROXY>/more",
		host + ":8019":                          "<host of DT_PROXY>",
		"https://" + host + "/y":                "https://<host of DT_PROXY>/y",
		strings.ToUpper(host):                   "<host of DT_PROXY>",
		address.User.String() + "@x":            "<user of DT_PROXY>@x",
		password:                                "<password of DT_PROXY>",
		url.QueryEscape(password):               "<password of DT_PROXY>",
		url.UserPassword("", password).String(): ":<password of DT_PROXY>",
	} {
		require.Equal(t, "a "+want+" b", r.Text("a "+text+" b"))
	}
	r = &Redactor{}
	r.AddURL("DT_API_URL", "")
	r.AddURL("DT_API_URL", "%zz"+host)
	require.Equal(t, "a <DT_API_URL> b", r.Text("a %zz"+host+" b"), "what is not a URL")
	require.Equal(t, "a  b", r.Text("a  b"))
}

// What is removed from a line may have kept a value apart.
func TestRedactorLine_HidesWhatComesTogether(t *testing.T) {
	t.Parallel()
	v := rand.Text() + digits
	r := NewRedactor(Value{"x", v})
	for _, between := range []string{"\x00", "\u200b", "\xff", "\ufffd", "\r", "\x1b", "\u00a0", "\u2028"} {
		require.Equal(t, "a <x> b", r.Line("a "+v[:10]+between+v[10:]+" b"), "%q", between)
	}
	require.Equal(t, "a b c[31m d", r.Line("a\r\nb\tc\x1b[31m\nd"))
	require.Equal(t, "a <x>", r.Line("a "+utf16(v, false)))
}

func TestRedactor_IsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	r := &Redactor{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			v := rand.Text() + digits
			r.Add(Value{"x", v})
			require.Equal(t, "<x>", r.Text(v))
		})
	}
	wg.Wait()
}

// FuzzRedactor: nothing of what it knows is in what it returns, unless the names
// have it.
func FuzzRedactor(f *testing.F) {
	f.Add("x secret89-01tail y", "secret89", "89-01tail")
	f.Add("abc8abc8abc8", "abc8abc8", "c8ab")
	f.Fuzz(func(t *testing.T, text, a, b string) {
		r := NewRedactor(Value{"?", a}, Value{"?", b})
		for _, out := range []string{r.Text(text), r.Line(text)} {
			for _, v := range []string{a, b} {
				if len(v) >= minHidden && !strings.ContainsAny(v, "<?>") {
					require.NotContains(t, out, v)
				}
			}
		}
	})
}
