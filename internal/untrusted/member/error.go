package member

import (
	"archive/zip"
	"errors"
	"fmt"
)

// Why there may be something in an archive that was not seen.
var (
	// ErrTooLarge is an archive with more in it than the bounds of this package
	// allow for, such as a bomb.
	ErrTooLarge = errors.New("it holds too much")
	// ErrEncrypted is one that needs a password.
	ErrEncrypted = errors.New("it is encrypted")
	// ErrDamaged is one that cannot be read to its end.
	ErrDamaged = errors.New("it is damaged")
	// ErrUnknownMethod is one that is compressed in a way unknown here.
	ErrUnknownMethod = errors.New("it is compressed by an unknown method")
	// ErrUnknownFormat is one of a format that is recognised and not read.
	ErrUnknownFormat = errors.New("its format is not looked into")
	// ErrMemory is one that takes too much memory to decompress.
	ErrMemory = errors.New("it takes too much memory to decompress")
)

// Error says that not all of an archive was seen.
type Error struct {
	// Member is the one that could not be read, or empty for the archive.
	Member string
	// Reason is one of this package's errors.
	Reason error
	// Detail is empty or says more.
	Detail string
}

// Error names neither the archive, which only the caller knows, nor the member:
// a name may be what is looked for.
func (e *Error) Error() string {
	if e.Detail == "" {
		return e.Reason.Error()
	}
	return fmt.Sprintf("%v (%s)", e.Reason, e.Detail)
}

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Reason }

// explain makes what a reader says of a member an error of this package.
func explain(name string, err error) *Error {
	var own *Error
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, ErrMemory):
		return &Error{Member: name, Reason: ErrMemory}
	case errors.Is(err, ErrEncrypted):
		return &Error{Member: name, Reason: ErrEncrypted}
	case errors.Is(err, zip.ErrAlgorithm):
		return &Error{Member: name, Reason: ErrUnknownMethod}
	}
	return &Error{Member: name, Reason: ErrDamaged}
}
