// A small web service: a page, a health check, and an orderly end.
"use strict";

const http = require("node:http");

const port = Number(process.env.PORT || 8080);
const host = process.env.HOST; // all interfaces if not set

const server = http.createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  switch (pathname) {
    case "/":
      response.setHeader("Content-Type", "text/plain; charset=utf-8");
      response.end(`Hello from Node.js ${process.version}, process ${process.pid}\n`);
      break;
    case "/healthz":
      response.end("ok\n");
      break;
    default:
      response.statusCode = 404;
      response.end("not found\n");
  }
});

server.listen(port, host, () => {
  const { address, port } = server.address();
  console.log(`listening on ${address} port ${port}`);
});

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    console.log(`${signal}: closing`);
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}
