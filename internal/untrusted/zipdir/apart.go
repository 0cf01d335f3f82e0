package zipdir

import (
	"archive/zip"
	"cmp"
	"fmt"
	"slices"
)

// checkApart refuses a zip of which two files share data: a small one can be
// made to unpack to anything that way. It also refuses a file that ends behind the
// size bytes of the zip.
func checkApart(z *zip.Reader, size int64) error {
	type extent struct{ from, to int64 }
	var all []extent
	for _, f := range z.File {
		from, err := f.DataOffset()
		if err != nil {
			return fmt.Errorf("%w: %w", ErrNone, err)
		}
		if from > size || f.CompressedSize64 > uint64(size-from) {
			return fmt.Errorf("%w: a file is larger than the zip", ErrNone)
		}
		if f.CompressedSize64 > 0 {
			all = append(all, extent{from, from + int64(f.CompressedSize64)})
		}
	}
	slices.SortFunc(all, func(a, b extent) int { return cmp.Compare(a.from, b.from) })
	for i := 1; i < len(all); i++ {
		if all[i].from < all[i-1].to {
			return fmt.Errorf("%w: files in it overlap", ErrNone)
		}
	}
	return nil
}
