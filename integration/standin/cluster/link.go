package cluster

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"net/url"
	"strings"
	"unicode/utf16"
)

// Link is a value that ties a tree to its cluster, and where it stands.
type Link struct {
	// Path is relative to the tree's root, for example manifest.json.
	Path string
	// Place is PlaceDocumented or one of Places.
	Place Place
	// Encoding is how it is written, for example "plain" or "base64".
	Encoding string
	// Name says what it is, as in [Environment.Secrets].
	Name string
}

// Place is a kind of place where a link can stand.
type Place string

// The places.
const (
	PlaceDocumented Place = "documented"
	PlaceDotfile    Place = "dotfile"
	PlaceConfig     Place = "config"
	PlaceLog        Place = "log"
	PlaceDeep       Place = "deep"   // a file far below
	PlaceBinary     Place = "binary" // across a 64 KiB boundary of a listed file
	PlaceFileName   Place = "file name"
	PlaceSymlink    Place = "symlink target"
	// In a file of any name, compressed.
	PlaceGzip   Place = "gzip"
	PlaceZip    Place = "zip member"
	PlaceTarGz  Place = "tar.gz member"
	PlaceScript Place = "script's payload"
)

// Places are all odd places.
var Places = []Place{
	PlaceDotfile, PlaceConfig, PlaceLog, PlaceDeep, PlaceBinary, PlaceFileName, PlaceSymlink,
	PlaceGzip, PlaceZip, PlaceTarGz, PlaceScript,
}

type encoding struct {
	name   string
	encode func(string) string
	inPath bool // its letters may stand in a file name
}

var encodings = []encoding{
	{"plain", func(s string) string { return s }, true},
	{"base64", func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }, false},
	{"base64url", func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }, true},
	{"hex", func(s string) string { return hex.EncodeToString([]byte(s)) }, true},
	{"upper-case hex", func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) }, false},
	{"URL", url.QueryEscape, false},
	{"UTF-16LE", utf16le, false},
}

func utf16le(s string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return string(b)
}

// oddLink is a link that was decided on: the bytes that stand at its place.
type oddLink struct {
	name, encoding, text string
}

// chooseLink picks a value and how to write it. What is encoded has up to two
// further letters in front, since base64 looks different at each offset.
func (e *Environment) chooseLink(r *rand.Rand, inPath bool) oddLink {
	values := e.Secrets()
	if !inPath {
		values = append(values, Secret{"API address", e.APIURL()}, Secret{"endpoint", pick(r, e.Endpoints())})
	}
	enc := pick(r, encodings)
	for inPath && !enc.inPath {
		enc = pick(r, encodings)
	}
	value := pick(r, values)
	if enc.name == "URL" { // only an address looks different
		value = Secret{"API address", e.APIURL()}
	}
	front := "xy"[:r.IntN(3)]
	return oddLink{value.Name, enc.name, enc.encode(front + value.Value)}
}
