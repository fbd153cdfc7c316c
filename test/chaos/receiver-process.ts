import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { verifyWebhook } from '../../lib/signing/verify-webhook.js';

// Writes down what arrives, one line a request, before it answers.
const { port, file, secret, status } = JSON.parse(process.argv[2] ?? '') as {
  port: number;
  file: string;
  secret: string;
  status: number;
};
createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString('utf8');
    let error = '';
    try {
      // The receiver's clock is right: a worker's whose clock is not must be believed all the same.
      verifyWebhook(request.headers, body, [secret]);
    } catch (cause) {
      error = String(cause);
    }
    const id = request.headers['webhook-id'];
    const { data } = JSON.parse(body) as { data: { name: string } };
    appendFileSync(file, `${JSON.stringify({ id, name: data.name, body, error })}\n`);
    response.writeHead(status).end();
  });
}).listen(port, '127.0.0.1', () => process.send?.('ready'));
