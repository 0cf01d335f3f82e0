package download

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// validator returns by what a header lets the rest of its body be asked for, if
// it does. What it returns stands for these very bytes: a weak tag, or a time
// that is too near, may stand for others, too.
func validator(header http.Header) string {
	if !strings.EqualFold(strings.TrimSpace(header.Get("Accept-Ranges")), "bytes") {
		return ""
	}
	if tag := header.Get("ETag"); len(tag) > 2 && strings.HasPrefix(tag, `"`) && strings.HasSuffix(tag, `"`) {
		return tag
	}
	modified, err := http.ParseTime(header.Get("Last-Modified"))
	if err != nil {
		return ""
	}
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil || date.Sub(modified) < time.Minute {
		return ""
	}
	return header.Get("Last-Modified")
}

// acceptPart checks that an answer of 206 is all that is missing. Otherwise the
// download is begun again.
func (t *transfer) acceptPart(res *http.Response) error {
	var first, last, total int64
	_, err := fmt.Sscanf(res.Header.Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &total)
	// Who sends a part of something else may say so.
	tag, modified := res.Header.Get("ETag"), res.Header.Get("Last-Modified")
	byTag := strings.HasPrefix(t.validator, `"`)
	switch {
	case err != nil, t.got == 0, first != t.got, last != total-1, total > maxInstaller,
		t.total > 0 && total != t.total,
		res.ContentLength >= 0 && res.ContentLength != total-first,
		res.Uncompressed, // a part of something else
		byTag && tag != "" && tag != t.validator,
		!byTag && modified != "" && modified != t.validator:
		t.validator = ""
		return &brokenError{cause: "the cluster sent another part than was asked for"}
	}
	t.total = total
	return nil
}
