// Package foreign judges trees that foreign code has made: how large they may
// be, what may be in them, and that no link leads out of them.
package foreign
