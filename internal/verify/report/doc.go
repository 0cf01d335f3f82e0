// Package report writes what an audit of an image found: as a table for people,
// as JSON, and as SARIF for code scanning.
package report
