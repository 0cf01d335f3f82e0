package install

import (
	"path/filepath"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/untrusted/installer"
)

// failedBefore reports whether the download has most likely been installed before,
// without success. BuildKit keeps a download whatever the installation comes to,
// and gives it to the next build. An installation that succeeded is in its cache,
// too, and does not run again. So if it runs with a download that is older than
// an installer may hang, the installation that belongs to the download failed,
// or never ran to its end. The frontend downloads again after this one fails.
//
// Steps run on one clock. A download from an imported cache may have any time.
func (s *installStep) failedBefore() bool {
	var downloaded agent.Downloaded
	if err := readJSON(filepath.Join(s.installer, agent.DownloadedFile), &downloaded); err != nil {
		return false // as where people run the installer themselves
	}
	age := time.Since(downloaded.Time)
	return age > installer.MaxIdle || age < 0
}
