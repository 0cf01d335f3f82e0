package signature

import (
	"bytes"
	"io"
)

// maxLine is how much OpenSSL takes of a line at a time, in bytes: what is longer
// it takes in pieces, each as a line without an end (MAX_SMLEN of asn_mime.c,
// less the NUL).
const maxLine = 1023

// pieces cuts a stream into lines with their ends, and into pieces of lines that
// are longer than maxLine.
type pieces struct{ begun []byte }

// next returns the first piece of what was given before and b, and the rest of b.
// The piece is nil if it is not complete yet. It is good until the next call.
func (p *pieces) next(b []byte) (piece, rest []byte) {
	end := min(len(b), maxLine-len(p.begun))
	if i := bytes.IndexByte(b[:end], '\n'); i >= 0 {
		end = i + 1
	}
	piece, rest = b[:end], b[end:]
	if len(p.begun) > 0 {
		p.begun = append(p.begun, piece...)
		piece = p.begun
	}
	if !isEnd(piece) && len(piece) < maxLine {
		if len(p.begun) == 0 {
			p.begun = append(p.begun, piece...)
		}
		return nil, rest
	}
	p.begun = p.begun[:0]
	return piece, rest
}

// last returns what was given and is not a whole piece.
func (p *pieces) last() []byte { return p.begun }

// text writes lines in the canonical form of S/MIME, as OpenSSL makes it: each
// ends with CR LF, whatever number of CR stood there before. A piece of a line
// loses a CR at its end as well.
type text struct {
	out io.Writer
	// ended says that the end of the line before is not written yet.
	ended bool
}

func (t *text) write(piece []byte) error {
	if err := t.finish(); err != nil {
		return err
	}
	t.ended = isEnd(piece)
	_, err := t.out.Write(bytes.TrimRight(bytes.TrimSuffix(piece, []byte("\n")), "\r"))
	return err
}

// finish writes the end of the last line.
func (t *text) finish() error {
	if !t.ended {
		return nil
	}
	t.ended = false
	_, err := io.WriteString(t.out, "\r\n")
	return err
}

func isEnd(piece []byte) bool { return len(piece) > 0 && piece[len(piece)-1] == '\n' }

// canonicalWriter writes the canonical form of what is written to it.
type canonicalWriter struct {
	in  pieces
	out text
}

// Write takes the next bytes.
func (a *canonicalWriter) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		var piece []byte
		if piece, b = a.in.next(b); piece != nil {
			if err := a.out.write(piece); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

// Close takes what was written for all there is.
func (a *canonicalWriter) Close() error {
	if last := a.in.last(); len(last) > 0 {
		if err := a.out.write(last); err != nil {
			return err
		}
	}
	return a.out.finish()
}
