package start

import (
	"strconv"
	"time"
)

// maxTimeout is a bound for typos: nobody wants an app to wait for a day.
const maxTimeout = time.Hour

func parseTimeout(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		var seconds float64
		if seconds, err = strconv.ParseFloat(s, 64); err != nil {
			return 0, err
		}
		// Compared before the conversion, which overflows.
		if !(seconds > 0 && seconds <= maxTimeout.Seconds()) {
			return 0, strconv.ErrRange
		}
		d = time.Duration(seconds * float64(time.Second))
	}
	if d <= 0 || d > maxTimeout {
		return 0, strconv.ErrRange
	}
	return d, nil
}

func (p *planner) timeout(name string, otherwise time.Duration) time.Duration {
	s := p.user.trimmed(name)
	if s == "" {
		return otherwise
	}
	d, err := parseTimeout(s)
	if err != nil {
		p.warnInvalid(name, "a time as 2s, 500ms or 2")
		return otherwise
	}
	return d
}
