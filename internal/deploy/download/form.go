package download

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent/variable"
)

// form is how a kind of installer begins, and what it is called.
func (k Kind) form() (start, name string) {
	if k == Archive {
		return "PK\x03\x04", "zip archive"
	}
	return "#!", "shell script"
}

// checkStart refuses what is no installer before any of it is kept: a
// gateway's login page comes with status 200.
func checkStart(body *bufio.Reader, kind Kind, header http.Header) error {
	want, name := kind.form()
	start, err := body.Peek(len(want))
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return &brokenError{cause: describeReadError(err)}
	case len(start) == 0:
		return &brokenError{cause: "the body is empty"}
	}
	if bytes.Equal(start, []byte(want)) {
		return nil
	}
	what := "something that is no " + name
	if len(start) > 0 && start[0] == '<' {
		what = "a web page"
	}
	return fmt.Errorf("the cluster answered the request for an installer with %s (Content-Type %s): check that %s is the address of the API and no login page or proxy stands in between",
		what, contentType(header), variable.APIURL)
}

// contentType returns what a header says without its parameters, and nothing of
// one that is none: that may be anything, a secret too.
func contentType(header http.Header) string {
	name, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	kind, _, _ := strings.Cut(name, "/")
	if err != nil || !slices.Contains([]string{"application", "audio", "font", "image", "message", "multipart", "text", "video"}, kind) {
		return "unknown"
	}
	return name
}
