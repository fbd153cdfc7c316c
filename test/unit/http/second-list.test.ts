import { isIP } from 'node:net';
import { describe, expect, it } from 'vitest';
import { HttpSender } from '../../../lib/http/http-sender.js';
import { NetworkPolicy, type NetworkPolicyOptions } from '../../../lib/http/network-policy.js';
import { codeOfRejection } from '../../support/code-of-rejection.js';
import { startTcp } from '../../support/local-servers.js';

const to = (...addresses: string[]): NetworkPolicyOptions => ({
  lookup: () => Promise.resolve(addresses.map((address) => ({ address, family: isIP(address) }))),
});
const ALL = ['0.0.0.0/0', '::/0'];
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

describe('a URL that leads to nothing public', () => {
  it.each([
    '0', '127.1', '0x7f000001', '2130706433', '017700000001', '0x7f.0.0.1', '127.0.0.1.', '127。0。0。1', '①②⑦.⓪.⓪.①', '%31%32%37.0.0.1', '0300.0250.0.1',
    '[::]', '[::1]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::127.0.0.1]', '[::ffff:0:127.0.0.1]', '[64:ff9b::7f00:1]', '[64:ff9b:1::7f00:1]', '[64:ff9b:1:7f00:0:100::]',
    '[2002:7f00:1::]', '[2001:0:7f00:1::1]', '[fe80::1]', '[fe80::1%25lo]', '[fec0::1]', '[fd00:ec2::254]', '[ff02::1]', '[100::1]', '[5f00::1]', '[4000::1]', '[3fff::1]',
    '[2001:db8::1]', '[2a00:1:2:3:0:5efe:10.0.0.1]', '[2a00:1:2:3:200:5efe:127.0.0.1]', '169.254.169.254', '168.63.129.16', '100.100.100.200', '192.0.0.192', '255.255.255.255',
    'LOCALHOST', 'localhost.', 'a.localhost.', 'localhost..', 'loc\u00adalhost', 'ｌocalhost', '。localhost', 'x.internal.', 'x.LAN', 'intranet.', 'ip6-localhost', '.', '%00.example',
    'a@1.1.1.1', '1.1.1.1\\@127.0.0.1', '1.1.1.1 ', '256.256.256.256', '1.2.3.4.5', '127.0.0.0x1', '[::1',
  ])('%s', async (host) => {
    const code = await codeOfRejection(new NetworkPolicy(to('93.184.216.34')).resolve(`http://${host}/`));
    expect(code).toMatch(/^WEBHOOKS_(?:ADDRESS_BLOCKED|URL_INVALID)$/);
  }); // prettier-ignore

  it.each([
    [['93.184.216.34', '10.0.0.1']], [['::ffff:10.0.0.1']], [['::ffff:93.184.216.34']], [['2606:4700::1%lo']], [['127.1']], [['0x7f.1']], [['']], [['localhost']],
    [['64:ff9b::a00:1']], [['2a00::5efe:10.0.0.1']], [['1.1.1.1 ']], [['0.0.0.0']],
  ])('a name that leads to %j', async (addresses) => {
    const code = await codeOfRejection(new NetworkPolicy(to(...addresses)).resolve('http://a.example/'));
    expect(code).toBe('WEBHOOKS_ADDRESS_BLOCKED');
  }); // prettier-ignore
});

describe('what is denied stays denied in other clothes, whatever is allowed', () => {
  it.each([
    '10.1.1.1', '[::ffff:10.1.1.1]', '[::10.1.1.1]', '[64:ff9b::10.1.1.1]', '[2002:a01:101::]', '[2001:0:1:2:3:4:f5fe:fefe]', '[fe80::5efe:10.1.1.1]', '[2a00::200:5efe:10.1.1.1]',
  ])('%s', async (host) => {
    const policy = new NetworkPolicy({ allow: ALL, deny: ['10.1.0.0/16'] });
    expect(await codeOfRejection(policy.resolve(`http://${host}/`))).toBe('WEBHOOKS_ADDRESS_BLOCKED');
  }); // prettier-ignore

  it.each([
    ['http://1.1.1.1:0/', { ports: [80] }],
    ['https://1.1.1.1:8443/', { ports: [443] }],
    ['http://1.1.1.1/', { ports: [443] }],
    ['HTTP://1.1.1.1/', { httpsOnly: true }],
    ['http://10.0.0.1/', { allow: ['::/0'] }],
    ['http://[::ffff:10.0.0.1]/', { allow: ['::/0'] }],
    ['http://[fd00::1]/', { allow: ['0.0.0.0/0'] }],
  ])('%s under %o', async (url, options) => {
    expect(await codeOfRejection(new NetworkPolicy(options).resolve(url))).toBe('WEBHOOKS_ADDRESS_BLOCKED');
  });
});

describe('an answer out of order', () => {
  const head = 'HTTP/1.1 200 OK\r\n';
  const chunked = `${head}transfer-encoding: chunked\r\n\r\n`;
  it.each([
    ['only announcements', '', 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n', 'timeout'],
    ['blank lines', '', '\r\n'.repeat(9_000), 'timeout'],
    ['a reason without end', 'HTTP/1.1 200 ', 'y'.repeat(65_536), 'timeout'],
    ['an extension without end', `${chunked}1;`, 'a'.repeat(65_536), 'timeout'],
    ['headers without end', head, `x: ${'y'.repeat(8_000)}\r\n`, 'protocol'],
    ['a header without end', `${head}x: `, 'y'.repeat(65_536), 'protocol'],
    ['trailers without end', `${chunked}1\r\na\r\n0\r\n`, `x: ${'y'.repeat(8_000)}\r\n`, 'protocol'],
    ['no headers', 'hello world', '', 'protocol'],
    ['a banner', 'SSH-2.0-x\r\n', '', 'protocol'],
    ['a huge chunk', `${chunked}ffffffffffffffffff\r\n`, '', 'protocol'],
    ['two lengths', `${head}content-length: 2\r\ncontent-length: 3\r\n\r\nokk`, '', 'protocol'],
    ['a negative length', `${head}content-length: -1\r\n\r\n`, '', 'protocol'],
    ['a length and chunks', `${head}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`, '', 'protocol'],
    ['bare line feeds', 'HTTP/1.1 200 OK\nx: a\n\nbody', '', 'protocol'],
    ['another protocol', 'HTTP/1.1 101 Switch\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nx', '', 'connect'],
    ['status 000', 'HTTP/1.1 000 X\r\ncontent-length: 0\r\n\r\n', '', 'connect'],
    ['status 2000', 'HTTP/1.1 2000 X\r\n\r\n', '', 'protocol'],
  ])('%s', async (_, first, rest, errorClass) => {
    await using server = await startTcp((socket) => {
      const more = (): void => {
        if (rest !== '' && !socket.destroyed && socket.write(rest)) setImmediate(more);
      };
      socket.on('drain', more);
      socket.write(first);
      more();
    });
    const sender = new HttpSender(new NetworkPolicy({ allow: ['127.0.0.1'] }));
    const start = performance.now();
    const result = await sender.send({ url: server.url, method: 'POST', headers: {}, body: 'x', timeout: 400 });
    await sender.close();
    expect(result).toMatchObject({ ok: false, errorClass });
    expect(performance.now() - start).toBeLessThan(900);
  }); // prettier-ignore

  it('is not taken for the answer to the next request', async () => {
    await using server = await startTcp((socket) =>
      socket.write(OK + OK.replace('ok', 'no') + OK.replace('ok', 'no')),
    );
    const sender = new HttpSender(new NetworkPolicy({ allow: ['127.0.0.1'] }));
    for (let turn = 0; turn < 3; turn++) {
      const result = await sender.send({ url: server.url, method: 'GET', headers: {}, timeout: 5_000 });
      expect(result).toMatchObject({ ok: true, body: 'ok' });
    }
    await sender.close();
  });

  it('cannot reach prototypes by the names of its headers', async () => {
    const names = ['__proto__', '__proto__', 'constructor', 'toString', 'then'];
    const answer = OK.replace(
      'content-length',
      `${names.map((name) => `${name}: x\r\n`).join('')}content-length`,
    );
    await using server = await startTcp((socket) => socket.write(answer));
    const sender = new HttpSender(new NetworkPolicy({ allow: ['127.0.0.1'] }));
    const result = await sender.send({ url: server.url, method: 'GET', headers: {}, timeout: 5_000 });
    await sender.close();
    expect(result).toMatchObject({ ok: true, statusCode: 200 });
    expect(result.ok && Object.getPrototypeOf(result.headers)).toBe(Object.prototype);
  });
});
