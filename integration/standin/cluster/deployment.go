package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"
)

func (e *Environment) serveMetainfo(w http.ResponseWriter, s Spec) *apiError {
	s, err := e.resolve(s)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]string{"latestAgentVersion": s.Version})
	return nil
}

func (e *Environment) serveVersions(w http.ResponseWriter, s Spec) *apiError {
	s, err := s.settle()
	if err != nil {
		return err
	}
	versions := e.settings.versions[platform{s.Arch, s.Flavor}]
	if versions == nil {
		versions = []string{}
	}
	writeJSON(w, http.StatusOK, map[string][]string{"availableVersions": versions})
	return nil
}

// serveChecksum names the installer without what the environment puts in for the
// client: skipMetadata is none of its parameters.
func (e *Environment) serveChecksum(w http.ResponseWriter, s Spec, fault FaultKind) *apiError {
	s.SkipMetadata = false
	s, invalid := e.resolve(s)
	if invalid != nil {
		return invalid
	}
	i, err := e.installer(s, "")
	if err != nil {
		return errorf(http.StatusInternalServerError, "The stand-in failed: %v", err)
	}
	sum := i.SHA256
	if fault == FaultOtherChecksum {
		other := sha256.Sum256([]byte(sum))
		sum = hex.EncodeToString(other[:])
	}
	writeJSON(w, http.StatusOK, map[string]string{"sha256": sum})
	return nil
}

func (e *Environment) serveInstaller(w http.ResponseWriter, r *http.Request, s Spec, fault FaultKind) *apiError {
	s, invalid := e.resolve(s)
	if invalid != nil {
		return invalid
	}
	if !(Fault{Kind: fault}).ofInstaller() {
		fault = ""
	}
	i, err := e.installer(s, fault)
	if err != nil {
		return errorf(http.StatusInternalServerError, "The stand-in failed: %v", err)
	}
	f, err := os.Open(i.Path)
	if err != nil {
		return errorf(http.StatusInternalServerError, "The stand-in failed: %v", err)
	}
	defer f.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("ETag", `"`+i.SHA256[:32]+`"`)
	if e.settings.noRanges {
		w.Header().Set("Content-Length", strconv.FormatInt(i.Size, 10))
		_, _ = io.Copy(w, f) // a client that left is no news
		return nil
	}
	// Answers Range, If-Range and If-None-Match. No name and no time: no
	// document tells of such headers.
	http.ServeContent(w, r, "", time.Time{}, f)
	return nil
}
