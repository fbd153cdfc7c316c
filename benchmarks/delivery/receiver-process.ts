import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// A receiver on its own: answers 204 and tells its parent how many came and when.
let count = 0;
let first = 0;
let last = 0;
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    last = Date.now();
    if (count === 0) first = last;
    count += 1;
    response.writeHead(204).end();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
});
process.on('message', (message) => {
  if (message === 'reset') count = first = last = 0;
  process.send?.({ count, first, last });
});
process.on('disconnect', () => process.exit());
