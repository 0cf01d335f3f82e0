// Package agent builds the stand-in for OneAgent's preload library from C, for
// tests that want to see an agent really loaded into an app's process.
//
// The library does what the documentation says of OneAgent's start in a
// container, and no more: it reads DT_TENANT, DT_TENANTTOKEN and
// DT_CONNECTION_POINT and reports its process to the first endpoint that
// answers. It never stops, delays by more than seconds, or prints into the app.
package agent
