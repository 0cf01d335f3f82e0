package cluster

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// apiError is the documented model of an error, with its HTTP status.
type apiError struct {
	Code       int         `json:"code"`
	Message    string      `json:"message"`
	Violations []violation `json:"constraintViolations,omitempty"`
}

type violation struct {
	Path              string `json:"path"`
	Message           string `json:"message"`
	ParameterLocation string `json:"parameterLocation"`
	Location          string `json:"location,omitempty"`
}

func (e *apiError) Error() string { return e.Message }

// errorf returns an error with a status. The texts of real answers are not
// documented; these are what the status means.
func errorf(status int, format string, args ...any) *apiError {
	return &apiError{Code: status, Message: fmt.Sprintf(format, args...)}
}

const invalid = "Constraints violated."

func (e *apiError) write(w http.ResponseWriter) {
	writeJSON(w, e.Code, map[string]*apiError{"error": e})
}

// failStatus answers with a fault's status, where it has one.
func (f Fault) failStatus(w http.ResponseWriter) bool {
	var err *apiError
	switch f.Kind {
	case FaultBadRequest:
		err = &apiError{Code: http.StatusBadRequest, Message: invalid, Violations: []violation{
			{Path: "bitness", Message: "must not be 64", ParameterLocation: "QUERY"},
			{Path: "arch", Message: "must not be empty", ParameterLocation: "QUERY"},
		}}
	case FaultUnauthorized:
		err = errorf(http.StatusUnauthorized, "Token Authentication failed")
	case FaultForbidden:
		err = errorf(http.StatusForbidden, missingScope, ScopeInstallerDownload)
	case FaultNotFound:
		err = errorf(http.StatusNotFound, "Not found")
	case FaultRateLimit:
		reset := f.Reset
		if reset == 0 {
			reset = time.Second
		}
		w.Header().Set("X-RateLimit-Limit", "50")
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(reset).UnixMicro(), 10))
		err = errorf(http.StatusTooManyRequests, "Too many requests")
	case FaultInternal:
		err = errorf(http.StatusInternalServerError, "Internal server error")
	case FaultUnavailable:
		if f.Reset > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(f.Reset.Seconds())))
		}
		err = errorf(http.StatusServiceUnavailable, "Service unavailable")
	case FaultBadGateway:
		writePage(w, http.StatusBadGateway, "Bad Gateway")
		return true
	case FaultGatewayTimeout:
		writePage(w, http.StatusGatewayTimeout, "Gateway Time-out")
		return true
	case FaultNotModified:
		w.WriteHeader(http.StatusNotModified)
		return true
	case FaultHTML:
		writePage(w, http.StatusOK, "Please sign in")
		return true
	default:
		return false
	}
	err.write(w)
	return true
}

// writePage answers as a proxy does that stands in front of a cluster.
func writePage(w http.ResponseWriter, status int, title string) {
	write(w, status, "text/html; charset=utf-8",
		[]byte("<!DOCTYPE html>\n<html><head><title>"+title+"</title></head><body>"+title+".</body></html>\n"))
}
