package authority

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// pemType is the type of a certificate's block.
const pemType = "CERTIFICATE"

// pemTypes are the types that OpenSSL reads as a certificate (crypto/pem/pem.h).
var pemTypes = map[string]bool{pemType: true, "X509 CERTIFICATE": true}

// otherTypes are types that people take for certificates. No other is shown: it
// is a part of the text.
var otherTypes = map[string]string{
	"CERTIFICATE REQUEST":     "a request for a certificate",
	"NEW CERTIFICATE REQUEST": "a request for a certificate",
	"PUBLIC KEY":              "a public key",
	"RSA PUBLIC KEY":          "a public key",
	"TRUSTED CERTIFICATE":     "a certificate with OpenSSL's trust settings (openssl x509 writes it without)",
	"PKCS7":                   "a PKCS #7 file (openssl pkcs7 -print_certs extracts the certificates)",
	"CMS":                     "a CMS file",
	"X509 CRL":                "a revocation list",
	"DH PARAMETERS":           "a set of parameters",
	"EC PARAMETERS":           "a set of parameters",
}

var (
	// border is the first or the last line of a block. Blocks need not begin at
	// a new line: `cat` joins files that do not end with a line break.
	border = compile(`-----(BEGIN|END) ([A-Z0-9 ]{1,40})-----`)
	// broken is what is left of a border that an edit has damaged. Two dashes at one
	// end tell it from a name in a comment, such as "Backend CA-1".
	broken = compile(`(BEGIN|END) ([A-Z0-9]+ )*CERTIFICATE|(?i:--(BEGIN|END) [A-Z0-9 ]+)|(?i:\b(BEGIN|END) [A-Z0-9 ]+--)`)
	// bare is a certificate without its borders: the Base64 of DER whose length
	// takes two bytes.
	bare = compile(`(?m)^[ \t]*MII[A-Za-z0-9+/]{57,}`)
	// newlines makes every line break "\n". Environment variables have many
	// certificates in one line, with `\n` written out. Editors write a byte
	// order mark, which is inside the text where files were joined.
	newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n", `\r\n`, "\n", `\n`, "\n", "\ufeff", "")
)

// compile compiles an expression when it is needed first: dt-start has this package
// and seldom reads certificates, and each start of a container would wait.
func compile(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// block is one block of a PEM text.
type block struct {
	der []byte
	// where names it in a message.
	where string
}

// damaged returns the error about a block that cannot be read.
func damaged(where, why string) error {
	return fmt.Errorf("%s is damaged: %s; copy the certificate again, whole, from BEGIN to END", where, why)
}

// split returns the certificates in a PEM text, which may be indented and have
// comments between its blocks. encoding/pem passes over a block that it cannot
// read; here that is an error.
func split(raw string) ([]block, error) {
	text := newlines.Replace(raw)
	if strings.Contains(text, "PRIVATE KEY") {
		return nil, errors.New("it has a private key in it: remove the key and pass certificates alone; if others could read this text, replace the key")
	}
	borders := border().FindAllStringSubmatchIndex(text, -1)
	total, number, end := 0, 0, 0
	for _, b := range borders {
		if isBegin(text, b) {
			total++
		}
	}
	var out []block
	for i := 0; i < len(borders); i++ {
		b := borders[i]
		if err := comment(text, end, b[0]); err != nil {
			return nil, err
		}
		number++
		where := fmt.Sprintf("block %d of %d (line %d)", number, total, lineAt(text, b[0]))
		if !isBegin(text, b) {
			return nil, damaged(fmt.Sprintf("the block that ends at line %d", lineAt(text, b[0])), "it has no BEGIN line")
		}
		if err := noBorders(text, end, b[0]); err != nil {
			return nil, err
		}
		kind := text[b[4]:b[5]]
		if !pemTypes[kind] {
			return nil, fmt.Errorf("%s is %s, not a certificate: pass blocks of BEGIN %s alone", where, cmp.Or(otherTypes[kind], "of another type"), pemType)
		}
		i++
		if i == len(borders) || isBegin(text, borders[i]) || text[borders[i][4]:borders[i][5]] != kind {
			return nil, damaged(where, "it has no END line of its own")
		}
		der, err := decode(text[b[1]:borders[i][0]])
		if err != nil {
			return nil, damaged(where, "what is between its BEGIN and END is not Base64")
		}
		out, end = append(out, block{der, where}), borders[i][1]
	}
	if err := comment(text, end, len(text)); err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, none(text)
	}
	if err := noBorders(text, end, len(text)); err != nil {
		return nil, err
	}
	return out, nil
}

func isBegin(text string, border []int) bool { return text[border[2]:border[3]] == "BEGIN" }

// comment checks what stands between two blocks.
func comment(text string, from, to int) error {
	if at := broken().FindStringIndex(text[from:to]); at != nil {
		return damaged(fmt.Sprintf("the block at line %d", lineAt(text, from+at[0])),
			"its BEGIN or END line does not have five dashes at both ends")
	}
	return nil
}

// noBorders returns an error if a certificate without a BEGIN and an END line
// stands between two blocks.
func noBorders(text string, from, to int) error {
	if at := bare().FindStringIndex(text[from:to]); at != nil {
		return damaged(fmt.Sprintf("the block at line %d", lineAt(text, from+at[0])), "it has no BEGIN line and no END line")
	}
	return nil
}

// decode returns the bytes of a block's body. Lines such as "Name: value" may
// stand in front.
func decode(body string) ([]byte, error) {
	var text strings.Builder
	for line := range strings.Lines(body) {
		if strings.Contains(line, ":") && text.Len() == 0 {
			continue
		}
		// With the spaces between the lines of what was folded into one.
		text.WriteString(strings.Join(strings.Fields(line), ""))
	}
	return base64.StdEncoding.DecodeString(text.String())
}

// none reports what a text without a block is.
func none(text string) error {
	const want = "pass certificates in PEM, which begins with -----BEGIN CERTIFICATE-----"
	text = strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(text, base64.StdEncoding.EncodeToString([]byte("-----BEGIN "))[:14]):
		return errors.New("it is the Base64 of PEM, as Kubernetes writes secrets: decode it first (base64 -d)")
	case strings.HasPrefix(text, "\x30\x82"):
		return errors.New("it is a certificate in DER: convert it to PEM first (openssl x509 -inform der)")
	case strings.HasPrefix(text, "/") && len(strings.Fields(text)) == 1:
		return errors.New("it is the name of a file: pass the content of that file")
	}
	return errors.New("there is no certificate in it: " + want)
}

// lineAt returns the number of the line at an offset.
func lineAt(text string, offset int) int { return 1 + strings.Count(text[:offset], "\n") }
