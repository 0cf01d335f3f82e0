// Package image changes the config of an app's image to that of an
// instrumented image.
package image
