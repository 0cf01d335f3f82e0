// What HEALTHCHECK runs: it fails unless the service answers.
"use strict";

const host = process.env.HOST || "localhost";

fetch(`http://${host}:${process.env.PORT || 8080}/healthz`)
  .then((response) => process.exit(response.ok ? 0 : 1))
  .catch(() => process.exit(1));
