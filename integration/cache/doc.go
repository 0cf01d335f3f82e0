// Package cache tests what builds share and what they do not repeat: layers,
// downloads, imported and exported caches, the same image from every builder, also
// after a crash, and how long all of it takes.
package cache
