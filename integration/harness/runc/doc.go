// Package runc runs unpacked images as containers, with runc and what Docker
// gives a container by default, so that tests see an app start as it would.
package runc
