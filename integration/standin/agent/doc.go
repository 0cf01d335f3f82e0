// Package agent builds the stand-in for OneAgent's preload library from C, for
// tests that want to see an agent really loaded into an app's process.
//
// The library behaves as the vendor's does: it needs no C library, so that one is
// for glibc and musl. It reads DT_TENANT, DT_TENANTTOKEN and DT_CONNECTION_POINT,
// and sends HEAD and POST with Basic credentials to the first endpoint that
// answers. It looks for certificates to trust below /var/lib or
// $DT_VAR_CONFIG_DIR. It has no TLS. It never stops, delays by more than seconds,
// or prints into the app.
package agent
