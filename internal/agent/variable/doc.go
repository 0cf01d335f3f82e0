// Package variable has the name of every environment variable whose name begins
// with DT_, and says which of them hold what an image, a log or an error must not
// hold. It imports nothing, so every package may import it.
package variable
