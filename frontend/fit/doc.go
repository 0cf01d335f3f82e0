// Package fit finds out from an app's files which agent fits the app, where the
// user left that to them.
package fit
