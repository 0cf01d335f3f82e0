// Package lazy tells the content of a layer that was written in the form of
// eStargz, which snapshotters load file by file.
package lazy
