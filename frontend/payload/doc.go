// Package payload makes what goes onto an app: the layers of the agent and of
// the start helper, and what the image's config says of them.
package payload
