import { isIP } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { AddressLookup } from '../../../lib/http/lookup-addresses.js';
import { NetworkPolicy } from '../../../lib/http/network-policy.js';
import { codeOf } from '../../support/code-of.js';
import { codeOfRejection } from '../../support/code-of-rejection.js';

const BLOCKED = 'WEBHOOKS_ADDRESS_BLOCKED';
const INVALID = 'WEBHOOKS_URL_INVALID';
const UNRESOLVED = 'WEBHOOKS_NAME_UNRESOLVED';
const answers =
  (...addresses: string[]): AddressLookup =>
  () =>
    Promise.resolve(addresses.map((address) => ({ address, family: isIP(address) })));

const refusing: AddressLookup = () => Promise.reject(new Error('looked up'));

/** One or more of every family: loopback, private, shared, link-local, metadata, documentation, multicast … */
const NOT_PUBLIC_4 = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '100.64.0.1',
  '100.100.100.200',
  '127.0.0.1',
  '127.255.255.254',
  '168.63.129.16',
  '169.254.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.0.2.1',
  '192.31.196.1',
  '192.52.193.1',
  '192.88.99.1',
  '192.168.1.1',
  '192.175.48.1',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
];
const NOT_PUBLIC_6 = [
  '::',
  '::1',
  '::7f00:1',
  '::127.0.0.1',
  '::8.8.8.8',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:8.8.8.8',
  '::ffff:0:127.0.0.1',
  '64:ff9b::127.0.0.1',
  '64:ff9b::8.8.8.8',
  '64:ff9b:1::10.0.0.1',
  '100::1',
  '2001::1',
  '2001:0:a9fe:a9fe::1',
  '2001:2::1',
  '2001:10::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '2002:a9fe:a9fe::1',
  '2620:4f:8000::1',
  '3fff::1',
  '4000::1',
  '5f00::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  '2606:4700::1%eth0',
  'fec0::1',
  'ff02::1',
];
const PUBLIC = [
  '1.1.1.1',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '168.63.129.17',
  '172.15.255.255',
  '172.32.0.0',
  '192.0.1.1',
  '198.17.255.255',
  '223.255.255.255',
  '2001:200::1',
  '2606:4700:4700::1111',
  '2a00:1450:4001:81b::200e',
  '2c0f:ffff::1',
];

describe('without options', () => {
  const policy = new NetworkPolicy();

  it.each(PUBLIC)('lets %s through', (address) => {
    expect(policy.permits(address)).toBe(true);
  });

  it.each([...NOT_PUBLIC_4, ...NOT_PUBLIC_6, '', 'localhost', '1.2.3', '0177.0.0.1'])(
    'stops %j',
    (address) => {
      expect(policy.permits(address)).toBe(false);
    },
  );

  it.each([...NOT_PUBLIC_4, ...NOT_PUBLIC_6])('stops a name that leads to %s', async (address) => {
    const named = new NetworkPolicy({ lookup: answers(address) });
    expect(await codeOfRejection(named.resolve('https://hooks.example.com/'))).toBe(BLOCKED);
    const mixed = new NetworkPolicy({ lookup: answers('1.1.1.1', address) });
    expect(await codeOfRejection(mixed.resolve('https://hooks.example.com/'))).toBe(BLOCKED);
  });

  it('returns exactly the addresses that were vetted', async () => {
    const named = new NetworkPolicy({ lookup: answers('1.1.1.1', '2606:4700:4700::1111') });
    expect(await named.resolve('https://hooks.example.com/')).toEqual([
      { address: '1.1.1.1', family: 4 },
      { address: '2606:4700:4700::1111', family: 6 },
    ]);
    expect(await policy.resolve('http://8.8.8.8:8080/')).toEqual([{ address: '8.8.8.8', family: 4 }]);
    expect(await policy.resolve('http://[2606:4700::1]/')).toEqual([{ address: '2606:4700::1', family: 6 }]);
  });

  it('knows for every /16 of IPv4 whether it is public', () => {
    const wrong: string[] = [];
    for (let a = 0; a < 256; a++) {
      for (let b = 0; b < 256; b++) {
        const special =
          [0, 10, 127].includes(a) ||
          a >= 224 ||
          (a === 100 && b >= 64 && b < 128) ||
          (a === 169 && b === 254) ||
          (a === 172 && b >= 16 && b < 32) ||
          (a === 192 && b === 168) ||
          (a === 198 && b >= 18 && b < 20);
        if (policy.permits(`${a}.${b}.250.250`) === special) wrong.push(`${a}.${b}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('literals in every notation', () => {
  it.each([
    'http://127.0.0.1/',
    'http://127.0.0.1:9000/',
    'http://127.1/',
    'http://0x7f.1/',
    'http://0x7f000001/',
    'http://2130706433/',
    'http://017700000001/',
    'http://0177.0.0.1/',
    'http://127.0.0.1./',
    'http://0/',
    'http://①②⑦.0.0.1/',
    'http://１２７.0.0.1/',
    'http://127。0。0。1/',
    'http://%31%32%37.0.0.1/',
    'http://[::1]/',
    'http://[0:0:0:0:0:0:0:1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://2852039166/',
    'http://[fd00:ec2::254]/',
    'HTTP://LOCALHOST/',
    'http://localhost./',
    'http://ⓛocalhost/',
    'http://a.localhost:80/',
    'http://intranet/',
    'http://router./',
    'http://printer.local/',
    'http://metadata.google.internal/',
    'http://db.corp/',
    'http://nas.home.arpa/',
    'http://nas.lan/',
  ])('%s is stopped before any look-up', async (url) => {
    const policy = new NetworkPolicy({ lookup: refusing });
    expect(codeOf(() => policy.checkUrl(url))).toBe(BLOCKED);
    expect(await codeOfRejection(policy.resolve(url))).toBe(BLOCKED);
  });

  it.each([
    '',
    'hooks.example.com',
    '//example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'http:example.com',
    'http:///example.com',
    'http://?x',
    'http://user@example.com/',
    'http://user:pass@example.com/',
    'http://:pass@example.com/',
    'http://example.com\\@127.0.0.1/',
    'http://exa\tmple.com/',
    'http://example.com/\n',
    'http://example.com/a b',
    'http://example.com/\r\nHost:x',
    'http://example.com/\u00a0',
    'http://example.com/\u2028',
    'http://\ufeffexample.com/',
    'http://\u200bexample.com/',
    'http://example.com:99999/',
    'http://./',
    'http://a../',
    'http://1.2.3.4.5/',
    'http://256.1.1.1/',
    'http://[fe80::1%25eth0]/',
    'http://[::1/',
    `http://example.com/${'a'.repeat(2048)}`,
  ])('%j is no URL for a webhook', (url) => {
    // What only surrounds a URL is dropped, so hold the end of it.
    const text = url === '' ? '' : `${url}x`;
    expect(codeOf(() => new NetworkPolicy().checkUrl(text))).toBe(INVALID);
  });

  it('drops white space around it and the fragment', () => {
    expect(new NetworkPolicy().checkUrl(' https://example.com/a?b=c#d\n').href).toBe(
      'https://example.com/a?b=c',
    );
  });

  it('does not repeat the URL in an error, since it may hold a secret', () => {
    expect(() => new NetworkPolicy().checkUrl('https://u:hunter2@example.com/')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') as string }),
    );
  });
});

describe('allow and deny', () => {
  it.each<[string, string[], string[], string, string[], boolean]>([
    ['an allowed address', ['127.0.0.1/32'], [], 'http://127.0.0.1:9000/', [], true],
    ['localhost with its IPv4 address allowed', ['127.0.0.1/32'], [], 'http://localhost:9000/', [], true],
    ['localhost with its IPv6 address allowed', ['::1'], [], 'http://localhost:9000/', [], true],
    ['localhost with another address allowed', ['10.0.0.0/8'], [], 'http://localhost:9000/', [], false],
    ['an internal name inside', ['10.0.0.0/8'], [], 'http://app.internal/', ['10.1.2.3'], true],
    ['a single label inside', ['10.0.0.0/8'], [], 'http://app:8080/', ['10.1.2.3', '10.9.9.9'], true],
    ['an internal name half inside', ['10.0.0.0/8'], [], 'http://app/', ['10.1.2.3', '192.168.0.1'], false],
    ['an internal name that leads outside', ['10.0.0.0/8'], [], 'http://app/', ['8.8.8.8'], false],
    ['a public name inside', ['10.0.0.0/8'], [], 'http://hooks.example.com/', ['10.1.2.3', '8.8.8.8'], true],
    ['a mapped form of an allowed address', ['10.0.0.0/8'], [], 'http://[::ffff:10.0.0.1]/', [], true],
    ['a denied address', [], ['8.8.8.0/24'], 'http://8.8.8.8/', [], false],
    ['a name that leads to a denied address', [], ['8.8.8.8'], 'http://a.example/', ['8.8.8.8'], false],
    ['a denied part of what is allowed', ['10.0.0.0/8'], ['10.5.0.0/16'], 'http://10.5.0.1/', [], false],
    ['a denied part, mapped', ['::/0', '10.0.0.0/8'], ['10.5.0.0/16'], 'http://[::ffff:a05:1]/', [], false],
    ['an address denied in its mapped form', [], ['::ffff:8.8.8.8'], 'http://8.8.8.8/', [], false],
    ['a block denied in its mapped form', [], ['::ffff:8.8.0.0/112'], 'http://8.8.4.4/', [], false],
    ['one beside it', [], ['::ffff:8.8.0.0/112'], 'http://8.9.4.4/', [], true],
    ['a mapped address', ['::ffff:0:0/96'], ['8.8.8.8'], 'http://[::ffff:8.8.8.8]/', [], false],
    ['an address allowed in its mapped form', ['::ffff:10.0.0.1'], [], 'http://10.0.0.1/', [], true],
    ['NAT64 with a prefix of 48 bits', ['64:ff9b:1::/48'], [], 'http://[64:ff9b:1:808:8:800::]/', [], true],
    ['the same to a private one', ['64:ff9b:1::/48'], [], 'http://[64:ff9b:1:a00:0:100::]/', [], false],
    ['with more behind it', ['64:ff9b:1::/48'], [], 'http://[64:ff9b:1:a00:0:100:808:808]/', [], false],
    ['of 56 bits, private', ['64:ff9b:1::/48'], [], 'http://[64:ff9b:1:20a:0:1::]/', [], false],
    ['of 64 bits, private', ['64:ff9b:1::/48'], [], 'http://[64:ff9b:1:2:a:0:100:0]/', [], false],
    ['of 96 bits, private', ['64:ff9b:1::/48'], [], 'http://[64:ff9b:1::a00:1]/', [], false],
    ['of 96 bits', ['64:ff9b:1::/48'], [], 'http://[64:ff9b:1::808:808]/', [], true],
    ['a denied part, through NAT64', ['64:ff9b::/96'], ['8.8.8.8'], 'http://[64:ff9b::808:808]/', [], false],
    ['NAT64 to a public address', ['64:ff9b::/96'], [], 'http://[64:ff9b::808:808]/', [], true],
    ['NAT64 to a private address', ['64:ff9b::/96'], [], 'http://[64:ff9b::a00:1]/', [], false],
    ['6to4 to loopback', ['2002::/16'], [], 'http://[2002:7f00:1::]/', [], false],
    ['a compatible address under ::/0', ['::/0'], [], 'http://[::7f00:1]/', [], false],
    ['an IPv4 address under ::/0', ['::/0'], [], 'http://127.0.0.1/', [], false],
    ['a zone under everything', ['::/0', '0.0.0.0/0'], [], 'http://a.example/', ['fe80::1%eth0'], false],
    ['localhost denied', ['127.0.0.0/8', '::1'], ['127.0.0.1', '::1'], 'http://localhost/', [], false],
  ])('%s', async (_, allow, deny, url, addresses, passes) => {
    const policy = new NetworkPolicy({ allow, deny, lookup: answers(...addresses) });
    expect(await codeOfRejection(policy.resolve(url))).toBe(passes ? null : BLOCKED);
  });

  it('uses of localhost only the addresses that are allowed, and asks no resolver', async () => {
    const lookup = refusing;
    const only4 = new NetworkPolicy({ allow: ['127.0.0.1/32'], lookup });
    expect(await only4.resolve('http://localhost/')).toEqual([{ address: '127.0.0.1', family: 4 }]);
    const both = new NetworkPolicy({ allow: ['127.0.0.0/8', '::1/128'], lookup });
    expect(await both.resolve('http://x.localhost/')).toHaveLength(2);
  });

  it('says which address it is, and which option would permit it', async () => {
    const policy = new NetworkPolicy({ deny: ['8.8.8.8'], lookup: answers('10.0.0.5') });
    await expect(policy.resolve('https://hooks.example.com/')).rejects.toThrow(
      'The address 10.0.0.5 (of hooks.example.com) is not public, so deliveries do not go there. If that receiver is ' +
        'meant, have 10.0.0.5/32 added to delivery.network.allow.',
    );
    expect(() => policy.checkUrl('http://8.8.8.8/')).toThrow('denied by delivery.network.deny');
  });

  it.each([
    '10.0.0.0/33',
    '10.0.0/8',
    'fd00::/129',
    'example.com',
    '',
    '10.0.0.0/8 ',
    '10.0.0.0/-1',
    'fe80::1%eth0',
  ])('refuses %j as a block, and names its place', (block) => {
    const make = (): unknown => new NetworkPolicy({ allow: ['10.0.0.0/8', block] });
    expect(codeOf(make)).toBe('WEBHOOKS_NETWORK_INVALID');
    expect(make).toThrow('delivery.network.allow[1]');
  });
});

it.each([
  ['http://example.com/', { httpsOnly: true }, BLOCKED],
  ['https://example.com/', { httpsOnly: true }, null],
  ['http://example.com/', { ports: [443] }, BLOCKED],
  ['https://example.com/', { ports: [443] }, null],
  ['https://example.com:8443/', { ports: [443] }, BLOCKED],
  ['http://example.com/', { ports: [443, 80] }, null],
])('%s under %j', async (url, options, code) => {
  const policy = new NetworkPolicy({ ...options, lookup: answers('1.1.1.1') });
  expect(await codeOfRejection(policy.resolve(url))).toBe(code);
});

it('tells a name without addresses from one that is blocked', async () => {
  const empty = new NetworkPolicy({ lookup: answers() });
  expect(await codeOfRejection(empty.resolve('http://a.example/'))).toBe(UNRESOLVED);
  const cause = Object.assign(new Error('no'), { code: 'ENOTFOUND' });
  const failing = new NetworkPolicy({ lookup: () => Promise.reject(cause) });
  await expect(failing.resolve('http://a.example/')).rejects.toMatchObject({ code: UNRESOLVED, cause });
});
