// Package notice tells the person who builds what concerns them: errors and
// warnings, each with its line of the Dockerfile.
package notice
