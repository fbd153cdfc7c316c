import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

// A receiver on its own: answers 204 and tells its parent how many came and when. What goes to /dead is not counted; it
// hangs between the messages `hang` and `reset`.
/** When the first request comes, a worker has taken in so many behind it: they would count as done in no time. */
const RUN_UP = 200;

let count = 0;
let begin = 0;
let last = 0;
let hangs = false;
const hanging: ServerResponse[] = [];
const server = createServer((request, response) => {
  request.resume();
  if (request.url === '/dead') {
    if (hangs) hanging.push(response);
    else response.writeHead(204).end();
    return;
  }
  request.on('end', () => {
    last = Date.now();
    count += 1;
    if (count === RUN_UP) begin = last;
    response.writeHead(204).end();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
});
process.on('message', (message) => {
  if (message === 'hang') hangs = true;
  if (message === 'reset') {
    hangs = false;
    count = begin = last = 0;
    for (const response of hanging.splice(0)) response.writeHead(204).end();
  }
  process.send?.({ count, runUp: RUN_UP, begin, last, hanging: hanging.length });
});
process.on('disconnect', () => process.exit());
