import { afterEach, expect, it } from 'vitest';
import { HttpSender, type SendRequest } from '../../../lib/http/http-sender.js';
import type { TlsSettings } from '../../../lib/http/guarded-connector.js';
import { NetworkPolicy } from '../../../lib/http/network-policy.js';
import { TlsAgents } from '../../../lib/http/tls-agents.js';
import { startHttp, startHttps, tlsFixture } from '../../support/local-servers.js';

const senders: HttpSender[] = [];
afterEach(() => Promise.all(senders.splice(0).map((each) => each.close())));

function sender(): HttpSender {
  const made = new HttpSender(new NetworkPolicy({ allow: ['127.0.0.1/32'] }));
  senders.push(made);
  return made;
}

const get = (url: string, tls: TlsSettings = {}): SendRequest => ({
  url,
  method: 'GET',
  headers: {},
  timeout: 2_000,
  tls,
});
const loopback = (): Promise<{ address: string; family: number }[]> =>
  Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
const ca = tlsFixture('ca.pem');

it.each<[string, string, TlsSettings, string | null]>([
  ['an authority that nobody knows', 'server', {}, 'SELF_SIGNED|UNABLE_TO'],
  ['the authority given', 'server', { ca }, null],
  ['a certificate signed by itself', 'self-signed', {}, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ['a certificate signed by itself, given', 'self-signed', { ca: tlsFixture('self-signed.pem') }, null],
  ['a certificate signed by itself, unchecked', 'self-signed', { rejectUnauthorized: false }, null],
  ['a certificate for another name', 'other-name', { ca }, 'for another host name'],
  ['a certificate that has expired', 'expired', { ca }, 'has expired'],
  ['another authority than the given one', 'self-signed', { ca }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  [
    'a CA certificate that is no PEM',
    'server',
    { ca: 'not a PEM' },
    'is the CA certificate a PEM|UNABLE_TO|SELF_SIGNED',
  ],
])('%s', async (_, certificate, tls, problem) => {
  await using server = await startHttps(certificate, (_request, response) => response.end('ok'));
  const result = await sender().send(get(server.url, tls));
  const expected =
    problem === null ? { ok: true, body: 'ok' } : { ok: false, errorClass: 'tls', ours: false };
  expect(result).toMatchObject(expected);
  expect(result.ok ? '' : result.message).toMatch(new RegExp(problem ?? '^$'));
});

it('checks the name of the URL, not the address behind it', async () => {
  await using server = await startHttps('server', (_, response) => response.end('ok'));
  const named = new HttpSender(new NetworkPolicy({ allow: ['127.0.0.1'], lookup: loopback }));
  senders.push(named);
  expect(await named.send(get(`https://localhost:${server.port}/`, { ca }))).toMatchObject({ ok: true });
  expect(await named.send(get(`https://hooks.example.com:${server.port}/`, { ca }))).toMatchObject({
    ok: false,
    errorClass: 'tls',
  });
});

it('tells the time of the handshake', async () => {
  await using server = await startHttps('server', (_, response) => response.end('ok'));
  const { timings } = await sender().send(get(server.url, { ca }));
  expect(Object.keys(timings)).toEqual(['connect', 'tls', 'firstByte', 'total']);
});

it('never uses an unchecked connection for a webhook that wants it checked', async () => {
  await using server = await startHttps('self-signed', (_, response) => response.end('ok'));
  const sending = sender();
  expect(await sending.send(get(server.url, { rejectUnauthorized: false }))).toMatchObject({ ok: true });
  expect(await sending.send(get(server.url))).toMatchObject({ ok: false, errorClass: 'tls' });
  expect(await sending.send(get(server.url, { rejectUnauthorized: false }))).toMatchObject({ ok: true });
  expect(server.connections()).toBe(2);
});

it('says so when https: meets a server that speaks http:, and the other way round', async () => {
  await using plain = await startHttp((_, response) => response.end('ok'));
  await using secure = await startHttps('server', (_, response) => response.end('ok'));
  const sending = sender();
  expect(await sending.send(get(plain.url.replace('http', 'https')))).toMatchObject({
    ok: false,
    errorClass: 'tls',
  });
  expect(await sending.send(get(secure.url.replace('https', 'http')))).toMatchObject({ ok: false });
});

it('keeps the agents used last, and one for each setting', async () => {
  const agents = new TlsAgents(new NetworkPolicy(), { connections: 1, connectTimeout: 1_000 }, undefined, 3);
  const [first, second] = [agents.get({}), agents.get({ rejectUnauthorized: false })];
  expect(agents.get({ rejectUnauthorized: true })).toBe(first);
  expect(second).not.toBe(first);
  agents.get({ ca: 'a' });
  agents.get({});
  agents.get({ ca: 'b' });
  expect(agents.size).toBe(3);
  expect(second.closed).toBe(true);
  expect(first.closed).toBe(false);
  await agents.destroy();
  expect(first.destroyed).toBe(true);
});

it('refuses to send without checking the certificate where the application forbids it', async () => {
  await using server = await startHttps('self-signed', (_, response) => response.end('ok'));
  await using plain = await startHttp((_, response) => response.end('ok'));
  const strict = new HttpSender(new NetworkPolicy({ allow: ['127.0.0.1'], requireSslVerification: true }));
  senders.push(strict);
  const unchecked = { rejectUnauthorized: false };
  expect(await strict.send(get(server.url, unchecked))).toMatchObject({
    ok: false,
    errorClass: 'blocked',
    message: expect.stringContaining('delivery.network.requireSslVerification'),
  });
  expect(server.connections()).toBe(0);
  expect(await strict.send(get(server.url, { ca: tlsFixture('self-signed.pem') }))).toMatchObject({
    ok: true,
  });
  expect(await strict.send(get(plain.url, unchecked))).toMatchObject({ ok: true });
  expect(await sender().send(get(server.url, unchecked))).toMatchObject({ ok: true });
});
