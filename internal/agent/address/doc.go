// Package address reads addresses of a Dynatrace environment as people paste
// them, out of a browser or a document, and knows where the API of that
// environment is. It is the one place for this: the clients of the API go by it,
// and so do all who look for traces of the address.
package address
