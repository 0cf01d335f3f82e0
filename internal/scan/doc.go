// Package scan looks for values that must not be there: in any of the forms in
// which a program may have written them, across the borders of reads, at the
// speed of memory rather than of the number of values.
package scan
