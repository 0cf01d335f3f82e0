// Package front puts in front of a stand-in cluster what stands in front of
// real ones: TLS with a company's own authority, a host name, and a proxy that
// wants a password. Each can be a bad one.
package front
