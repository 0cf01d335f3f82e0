// Package search looks for values in all that files consist of: names, targets of
// symlinks, extended attributes, content, and members of archives. Whoever
// searches an agent or an image does it by this package, so that all of them look
// at the same things and name what they find in the same way. How files are read
// is up to the caller: an agent is also hashed on the way, and a layer comes in a
// stream.
package search
