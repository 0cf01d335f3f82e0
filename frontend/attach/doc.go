// Package attach decides how the layers of an agent get onto an app: merged or
// copied, over what is there or next to it.
package attach
