// Package zipdir opens zips of unknown origin: what the list of their files
// costs is bounded before it is read, and no two of their files share data.
package zipdir
