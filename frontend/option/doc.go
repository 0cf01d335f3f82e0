// Package option holds what users can set, and the one grammar in which they
// set it: key=value pairs separated by semicolons, lists separated by commas,
// as in BuildKit's own `# check=` directive.
package option
