package download

import "fmt"

// counter counts what is written to it.
type counter struct {
	done, total int64
	report      func(done, total int64)
}

// Write never fails.
func (c *counter) Write(b []byte) (int, error) {
	c.done += int64(len(b))
	if c.report != nil {
		c.report(c.done, c.total)
	}
	return len(b), nil
}

// Describe says in words how far a download is.
func Describe(done, total int64) string {
	if total > 0 {
		return fmt.Sprintf("downloaded %d%% of %d MB", done*100/total, total/1e6)
	}
	return fmt.Sprintf("downloaded %d MB", done/1e6)
}
