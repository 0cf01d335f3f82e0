// Package site says what the files of an app have where layers of the agent go.
package site
