// Node's http server, reading the body and answering 200; nothing is kept.
require('http').createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => response.end());
}).listen(Number(process.argv[2]), '127.0.0.1');
