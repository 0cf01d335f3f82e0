// Package elfhead reads what an ELF file says of how it is loaded: for which
// machine, by which interpreter, and with which libraries. Anybody may have made
// the file.
//
// It hands [debug/elf] the file header and the program headers, and nothing
// else, since that package is not made for such files: its NewFile reads each
// section, panics at an index of a section that does not exist, unpacks names
// without a limit, and copies one long name for each section. Section headers are
// not needed, either: a loader looks at program headers alone.
package elfhead
