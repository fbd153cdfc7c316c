import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { signWebhook } from '../../../lib/signing/sign-webhook.js';
import { buildCli } from '../../support/build-cli.js';

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);
const HOSTS = ['127.0.0.1', ...(hasIpv6 ? ['::1'] : [])];

let folder = '';
beforeAll(() => {
  folder = buildCli();
});
afterAll(() => rmSync(folder, { recursive: true }));

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Running {
  readonly url: string;
  /** What was printed since it listens, once it is done with so many requests. */
  readonly output: (requests: number) => Promise<string>;
  readonly interrupt: (signal: NodeJS.Signals) => Promise<{ code: number | null; errors: string }>;
}

const command = (): string => join(folder, 'lib/cli/main.js');

async function receiver(...args: string[]): Promise<Running> {
  const child = spawn(process.execPath, [command(), 'receiver', '--port', '0', ...args]);
  children.push(child);
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const exit = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  await vi.waitFor(() => expect(output).toContain('\n'), { timeout: 10_000 });
  const [start, url = ''] =
    /^Listening on port (http:\/\/localhost:\d+)\. Stop with CONTROL-C\.\n/.exec(output) ?? [];
  expect(start).toBeDefined();
  return {
    url,
    output: async (requests) => {
      await vi.waitFor(() => expect(output.split('\n------------\n')).toHaveLength(requests + 1), 10_000);
      return output.slice(start?.length);
    },
    interrupt: async (signal) => {
      child.kill(signal);
      return { code: await exit, errors };
    },
  };
}

function run(...args: string[]): Promise<{ code: number | null; output: string; errors: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [command(), ...args], (_, output, errors) =>
      resolve({ code: child.exitCode, output, errors }),
    );
  });
}

/** What `curl -X POST http://localhost:9000 --data '…'` sends, byte for byte. */
async function curl(url: string, body: string): Promise<string> {
  const { port, host } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(
    `POST / HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: curl/7.58.0\r\nAccept: */*\r\nContent-Length: ${body.length}\r\n` +
      `Content-Type: application/x-www-form-urlencoded\r\n\r\n${body}`,
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString();
}

it('prints what the seed shows, line for line', async () => {
  const { url, output } = await receiver();
  expect(await curl(url, '{"foo": "bar"}')).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  const date = String.raw`(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT`;
  const [first = '', ...rest] = (await output(1)).split('\n');
  expect(first).toMatch(new RegExp(`^\\[1\\] ${date} 127\\.0\\.0\\.1 "POST / HTTP/1\\.1" 200 -$`));
  expect(rest).toEqual([
    `Host: ${new URL(url).host}`,
    'User-Agent: curl/7.58.0',
    'Accept: */*',
    'Content-Length: 14',
    'Content-Type: application/x-www-form-urlencoded',
    '',
    '{"foo": "bar"}',
    '------------',
    '',
  ]);
});

it('counts, prints names in title case, and JSON over several lines', async () => {
  const { url, output } = await receiver();
  const headers = { 'content-type': 'application/json; charset=utf-8', 'x-hook-signature': 'abc' };
  await fetch(`${url}/a?b=c`, { method: 'PUT', body: '{"a":[1,{"b":null}]}', headers });
  await fetch(url, { method: 'DELETE' });
  const text = await output(2);
  expect(text).toMatch(/^\[1\] .* "PUT \/a\?b=c HTTP\/1\.1" 200 -\n/);
  expect(text).toMatch(/^Content-Type: application\/json; charset=utf-8\nX-Hook-Signature: abc\n/m);
  expect(text).toContain(
    '\n\n{\n    "a": [\n        1,\n        {\n            "b": null\n        }\n    ]\n}\n------------\n[2] ',
  );
  expect(text).toMatch(/\n\n\(No body\)\n------------\n$/);
});

it('prints a broken JSON body as it is', async () => {
  const { url, output } = await receiver('--no-headers');
  await fetch(url, { method: 'POST', body: '{"a":', headers: { 'content-type': 'application/json' } });
  expect((await output(1)).split('\n').slice(1)).toEqual(['{"a":', '------------', '']);
});

it('does not let the sender steer the terminal', async () => {
  const { url, output } = await receiver();
  await fetch(url, {
    method: 'POST',
    body: 'a\u001b[2Jb\u0007\u009b1m\tc\nd',
    headers: { 'x-evil': '\u0085' },
  });
  const text = await output(1);
  expect(text).toContain('X-Evil: \\x85\n');
  expect(text).toContain('\na\\x1b[2Jb\\x07\\x9b1m\tc\nd\n------------\n');
});

it.each(HOSTS)('is reached as localhost over %s', async (host) => {
  const { url, output } = await receiver('--no-headers');
  await fetch(`http://${host.includes(':') ? `[${host}]` : host}:${new URL(url).port}`);
  expect(await output(1)).toContain(`GMT ${host} "GET / HTTP/1.1" 200 -\n`);
});

it('checks signatures with --secret, and says why one is invalid', async () => {
  const secret = 'a secret that was typed';
  const { url, output } = await receiver('--secret', secret, '--no-headers');
  const timestamp = Math.floor(Date.now() / 1_000);
  let requests = 0;
  const send = async (body: string, headers: Record<string, string>): Promise<string> => {
    await fetch(url, { method: 'POST', body, headers });
    const text = await output(++requests);
    return text.slice(text.lastIndexOf(`[${requests}] `)).replace(/^.*\n/, '');
  };
  const signed = signWebhook({ id: 'd1', timestamp, body: 'one', secrets: [secret] });
  const old = signWebhook({ id: 'd1', timestamp: timestamp - 400, body: 'one', secrets: [secret] });
  expect(await send('one', signed)).toBe('one\nSignature: VALID\n------------\n');
  expect(await send('two', signed)).toMatch(
    /^two\nSignature: INVALID\. No signature fits the body and the secret\./,
  );
  expect(await send('one', old)).toMatch(
    /^one\nSignature: INVALID\. The request was signed too long ago: 40\d s/,
  );
  expect(await send('one', {})).toMatch(/^one\nSignature: INVALID\. The request has no header webhook-id\./);
});

it('says nothing about signatures without --secret', async () => {
  const { url, output } = await receiver();
  await fetch(url);
  expect(await output(1)).not.toContain('Signature');
});

it('answers with --status after --delay', async () => {
  const { url, output } = await receiver('--status', '503', '--delay', '300', '--no-headers');
  const start = performance.now();
  const response = await fetch(url);
  expect(response.status).toBe(503);
  expect(performance.now() - start).toBeGreaterThanOrEqual(290);
  expect(await output(1)).toContain('HTTP/1.1" 503 -\n');
});

it.each<NodeJS.Signals>(['SIGINT', 'SIGTERM'])(
  'stops cleanly on %s, also while a request waits',
  async (signal) => {
    const { url, output, interrupt } = await receiver('--delay', '60000');
    const waiting = fetch(url).catch(() => 'broken off');
    await output(1);
    const start = performance.now();
    expect(await interrupt(signal)).toEqual({ code: 0, errors: '' });
    expect(performance.now() - start).toBeLessThan(3_000);
    expect(await waiting).toBe('broken off');
  },
);

it.each(HOSTS)('says in one sentence that the port is taken on %s', async (host) => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, host, resolve));
  const { port } = other.address() as AddressInfo;
  expect(await run('receiver', '--port', String(port))).toEqual({
    code: 1,
    output: '',
    errors: `Port ${port} is taken by another program. Stop that one, or choose another port with --port.\n`,
  });
  other.close();
});

it.each([
  [['receiver', '--prot', '1'], `Unknown option '--prot'. See "nestjs-webhooks receiver --help".\n`],
  [['receiver', 'now'], /^Unexpected argument 'now'\. .*See "nestjs-webhooks receiver --help"\.\n$/],
  [['receiver', '--port'], /^Option '--port <value>' argument missing\. See .*\n$/],
  [['receiver', '--port', 'x'], '--port is "x", and must be a whole number from 0 to 65535.\n'],
  [['receiver', '--port', '70000'], '--port is "70000", and must be a whole number from 0 to 65535.\n'],
  [['receiver', '--status', '99'], '--status is "99", and must be a whole number from 200 to 599.\n'],
  [['receiver', '--delay', '-1'], /^Option '--delay' argument is ambiguous\. See .*\n$/],
  [['receiver', '--secret', 'whsec_no base64'], /^--secret: A secret that starts with "whsec_" must .*\n$/],
  [['recieve'], 'There is no command "recieve". See "nestjs-webhooks --help".\n'],
  [[], /^Usage: nestjs-webhooks <command>/],
])('%j ends with a plain sentence and exit code 1', async (args, errors) => {
  const result = await run(...args);
  expect(result).toMatchObject({ code: 1, output: '' });
  expect(result.errors).toMatch(errors);
});

it.each([
  [['--help'], 'receiver'],
  [['receiver', '--help'], '--no-headers'],
  [['receiver', '-h'], '--secret'],
])('%j shows help and exits with 0', async (args, part) => {
  const { code, output, errors } = await run(...args);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  expect(output).toContain(part);
});
