// The app that is monitored. It has requests to report, and ends as it is told.
'use strict';
const http = require('http');

const server = http.createServer((request, response) => response.end('ok'));
server.listen(0, '127.0.0.1', () => {
  const port = server.address().port;
  setInterval(() => http.get('http://127.0.0.1:' + port + '/', (r) => r.resume()).on('error', () => {}), 100);
  console.log('up: pid ' + process.pid + ', uid ' + process.getuid() + ', preload ' + (process.env.LD_PRELOAD || ''));
});
process.on('SIGTERM', () => process.exit(42));
process.on('SIGUSR2', () => process.exit(7));
