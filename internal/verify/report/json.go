package report

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/org/dt-frontend/internal/verify"
)

// JSON writes r as it is.
func JSON(w io.Writer, r *verify.Report) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}
