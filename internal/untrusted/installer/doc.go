// Package installer runs the vendor's installer as what it is: foreign code. It
// gets an empty environment, and is gone with its children before anybody looks
// at what it left. In a build it gets an ordinary user, no capabilities and no
// way to gain any, too.
package installer
