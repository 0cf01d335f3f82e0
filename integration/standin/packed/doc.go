// Package packed writes archives and compressed files of many formats for tests:
// with deleted members, in one another, and with texts in places that no program
// shows.
package packed
