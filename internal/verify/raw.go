package verify

import "github.com/org/dt-frontend/internal/scan"

const (
	whereAround = "in its header or the padding before it"
	wherePacked = "in the compressed layer, outside of its files"
	whereEnd    = "in its archive, around its end"
)

// raw scans a layer as it is, next to its files: what stands between them, with
// as much of the files as a value may reach into, and a compressed layer as it
// is stored. The contents of files are scanned as such.
type raw struct {
	visitor *visitor
	// between is what stands between two files, and packed the stored layer.
	between, packed *scan.Stream
	overlap         int
	// tail is the end of the file before, and inside how much of a file went by.
	tail   []byte
	inside int64
	// shown is the file behind what is scanned; empty behind the last.
	shown string
	// known were found in the files on both sides, and in the names.
	known map[scan.Finding]bool
	// all were found in the layer.
	all map[scan.Finding]bool
}

func newRaw(v *visitor) *raw {
	return &raw{
		visitor: v, between: v.scanner.Stream(), packed: v.scanner.Stream(), overlap: v.scanner.Overlap(),
		known: map[scan.Finding]bool{}, all: map[scan.Finding]bool{},
	}
}

// file says that a file begins.
func (r *raw) file(shown string) { r.shown = shown }

// found says what was found in a file or its names.
func (r *raw) found(f scan.Finding) { r.known[f], r.all[f] = true, true }

// write scans a piece of the archive.
func (r *raw) write(p []byte, content bool) {
	if !content {
		if r.inside > 0 {
			r.settle()
		}
		r.between.Write(p) // it never fails
		return
	}
	if left := int64(r.overlap) - r.inside; left > 0 {
		r.between.Write(p[:min(left, int64(len(p)))]) // it never fails
	}
	r.inside += int64(len(p))
	r.tail = append(r.tail, p[max(0, len(p)-r.overlap):]...)
	r.tail = append(r.tail[:0], r.tail[max(0, len(r.tail)-r.overlap):]...)
}

// settle ends what stands before a file, whose content has gone by. What follows
// it begins with its end.
func (r *raw) settle() {
	r.report()
	r.between.Reset()
	clear(r.known)
	for _, f := range r.visitor.last {
		r.known[f] = true
	}
	r.between.Write(r.tail) // it never fails
	r.tail, r.inside, r.shown = r.tail[:0], 0, ""
}

// report reports what is in no file and no name next to it.
func (r *raw) report() {
	for _, f := range r.between.Findings() {
		if r.known[f] {
			continue
		}
		where := Leak{Path: r.shown, Where: whereAround, Kind: f.Kind, Form: f.Form}
		if r.shown == "" {
			where.Where = whereEnd
		}
		r.visitor.found(where)
		r.all[f] = true
	}
}

// finish ends the layer.
func (r *raw) finish() {
	r.report()
	for _, f := range r.packed.Findings() {
		if !r.all[f] {
			r.visitor.found(Leak{Where: wherePacked, Kind: f.Kind, Form: f.Form})
		}
	}
}
