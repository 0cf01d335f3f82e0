package deploy

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/org/dt-frontend/internal/agent/variable"
)

// StatusError is an answer of the cluster other than 2xx.
type StatusError struct {
	// Code is the HTTP status.
	Code int
	// Message is what the cluster said, as one bounded line without secrets;
	// it may be empty.
	Message string
	// Until is when the cluster answers again, if it said so.
	Until time.Time
	// kind is the kind of token that was sent.
	kind tokenKind
}

// Error says what the answer means for the one who passed the credentials.
func (e *StatusError) Error() string {
	s := fmt.Sprintf("%s (%d)", e.meaning(), e.Code)
	if e.Message != "" {
		s += ": " + e.Message
	}
	if hint := e.hint(); hint != "" {
		s += "; " + hint
	}
	return s
}

func (e *StatusError) meaning() string {
	switch {
	case e.Code == http.StatusNotModified:
		return "a cache on the way to the cluster answered that nothing has changed, which nobody asked"
	case e.Code == http.StatusUnauthorized:
		return "the cluster refused the token"
	case e.Code == http.StatusForbidden:
		return "the " + e.kind.String() + " lacks " + e.kind.scopes()
	case e.Code == http.StatusNotFound:
		return "the cluster does not know what was asked for"
	case e.Code == http.StatusTooManyRequests:
		return "the cluster limits requests"
	case e.Code == http.StatusBadGateway, e.Code == http.StatusGatewayTimeout:
		return "a gateway in front of the cluster got no answer from it"
	case e.Code >= 500:
		return "the cluster failed"
	default:
		return "the cluster rejected the request"
	}
}

func (e *StatusError) hint() string {
	switch {
	case e.Code == http.StatusNotModified:
		return "go another way than by that proxy, or have it keep no answers of the cluster"
	case e.Code == http.StatusUnauthorized:
		return e.kind.refusedHint()
	case e.Code == http.StatusForbidden:
		return e.kind.forbiddenHint()
	case e.Code == http.StatusNotFound:
		return "check " + variable.APIURL + " and " + variable.Tenant
	case e.Code == http.StatusBadRequest && e.Message != "":
		return "check the options that it names"
	case !e.Until.IsZero():
		return fmt.Sprintf("it takes requests again in %s, at %s: try again then",
			time.Until(e.Until).Round(time.Second), e.Until.UTC().Format("15:04:05 UTC"))
	case e.Code == http.StatusTooManyRequests:
		return "try again in a minute"
	case e.Code >= 500:
		return "try again later"
	}
	return ""
}

// apiError is one error in the documented model of the API.
type apiError struct {
	Error struct {
		Message     string `json:"message"`
		Constraints []struct {
			Path    string `json:"path"`
			Message string `json:"message"`
		} `json:"constraintViolations"`
	} `json:"error"`
}

// statusError reads what the cluster says about its refusal: one error, a
// list of them, or nothing that is meant for us.
func (c *Client) statusError(res *http.Response) *StatusError {
	body, err := io.ReadAll(io.LimitReader(res.Body, maxJSON))
	if err != nil {
		body = nil
	}
	list := make([]apiError, 1)
	if json.Unmarshal(body, &list[0]) != nil && json.Unmarshal(body, &list) != nil {
		list = nil
	}
	var words []string
	for _, e := range list {
		words = append(words, e.Error.Message)
		for _, v := range e.Error.Constraints {
			words = append(words, strings.Trim(v.Path+": "+v.Message, ": "))
		}
	}
	return &StatusError{Code: res.StatusCode, kind: kindOf(c.token), Message: clean(c.secrets, strings.Join(nonEmpty(words), "; "))}
}

func nonEmpty(words []string) []string {
	var out []string
	for _, w := range words {
		if w = strings.TrimSuffix(strings.TrimSpace(w), "."); w != "" {
			out = append(out, w)
		}
	}
	return out
}
