// Package start tests how an app with an agent starts: in real containers, with
// communication details from all sources, beside clusters that fail, and with an
// agent that is installed at that time.
package start
