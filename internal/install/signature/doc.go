// Package signature verifies the signature that the vendor puts behind an
// installer script: an S/MIME part, as in
//
//	#!/bin/sh
//	…
//	----SIGNED-INSTALLER
//	Content-Type: application/x-pkcs7-signature; name="smime.p7s"
//	Content-Transfer-Encoding: base64
//
//	…
//	----SIGNED-INSTALLER--
//
// The script is read as a stream, since it has hundreds of megabytes.
//
// Source: the vendor's documented check, which puts a header of multipart/signed
// before the script and pipes both through `openssl cms -verify -CAfile`.
package signature
