// Package agentimage tests the agent that goes into images: agent images and other
// places to take it from, its certificates, its pins, and what becomes of an agent
// that a base image has.
package agentimage
