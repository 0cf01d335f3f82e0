package option

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/distribution/reference"
)

var (
	versionForm = regexp.MustCompile(`^\d+\.\d+\.\d+\.\d{8}-\d{6}$`)
	// Source: the vendor's documentation of network zones.
	zoneForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,256}$`)
)

// groupForm is the form of a host group's name.
//
// Source: the vendor's documentation of host groups.
var groupForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)

// reservedGroup is what the vendor's own names begin with.
const reservedGroup = "dt."

func checkGroup(v string) error {
	if groupForm.MatchString(v) && !strings.HasPrefix(strings.ToLower(v), reservedGroup) {
		return nil
	}
	return fmt.Errorf("invalid host-group %q: expected letters, digits, dots, dashes and underscores, at most 100, and not %s at the beginning", v, reservedGroup)
}

func checkVersion(v string) error {
	if v == latest || versionForm.MatchString(v) {
		return nil
	}
	return fmt.Errorf("%q is no version: expected latest, or an exact one such as 1.305.152.20241113-104505", v)
}

func checkImage(v string) error {
	if _, err := reference.ParseNormalizedNamed(v); err != nil {
		return fmt.Errorf("%q is no image: %w", v, err)
	}
	return nil
}

func checkZone(v string) error {
	if zoneForm.MatchString(v) {
		return nil
	}
	return fmt.Errorf("%q is no network zone: letters, digits, dots, dashes and underscores are allowed, at most 256", v)
}
