// Package value reads the values that people give: environment variables,
// secrets, and the files that hold them. It says in one sentence what is wrong
// with a value that a tool or an editor has changed on its way.
package value
