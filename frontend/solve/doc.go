// Package solve has BuildKit build steps, and reads what they leave and why
// they fail.
package solve
