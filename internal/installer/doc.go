// Package installer runs the vendor's installer as what it is: foreign code.
// It gets an ordinary user, no capabilities and no way to gain any, an empty
// environment, and is gone with all its children before anybody looks at what
// it left.
package installer
