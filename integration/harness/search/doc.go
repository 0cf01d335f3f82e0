// Package search looks for values in everything that a build left: in any form
// in which programs write them, and in archives in archives. It shares no code
// with the product's own scan, which it judges.
package search
