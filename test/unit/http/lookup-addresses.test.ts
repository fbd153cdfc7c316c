import { expect, it, vi } from 'vitest';
import { createSystemLookup, type ResolvedAddress } from '../../../lib/http/lookup-addresses.js';

function controlled(): {
  ask: (hostname: string) => Promise<readonly ResolvedAddress[]>;
  asked: string[];
  answer: (hostname: string) => void;
  fail: (hostname: string) => void;
} {
  const asked: string[] = [];
  const pending = new Map<
    string,
    { resolve: (found: ResolvedAddress[]) => void; reject: (e: Error) => void }
  >();
  return {
    asked,
    ask: (hostname) => {
      asked.push(hostname);
      return new Promise((resolve, reject) => pending.set(hostname, { resolve, reject }));
    },
    answer: (hostname) => pending.get(hostname)?.resolve([{ address: '1.1.1.1', family: 4 }]),
    fail: (hostname) => pending.get(hostname)?.reject(new Error(hostname)),
  };
}

it('asks for a name once, however many wait for it, and again afterwards', async () => {
  const { ask, asked, answer } = controlled();
  const lookup = createSystemLookup(ask);
  const both = Promise.all([lookup('a'), lookup('a')]);
  answer('a');
  const [first, second] = await both;
  expect(first).toBe(second);
  expect(asked).toEqual(['a']);
  void lookup('a');
  expect(asked).toEqual(['a', 'a']);
});

it('asks for few names at a time, so that hanging ones do not take every thread', async () => {
  const { ask, asked, answer, fail } = controlled();
  const lookup = createSystemLookup(ask);
  const a = lookup('a');
  const [b, c, d] = [lookup('b'), lookup('c'), lookup('d')];
  expect(asked).toEqual(['a', 'b']);
  fail('a');
  await expect(a).rejects.toThrow('a');
  await vi.waitFor(() => expect(asked).toEqual(['a', 'b', 'c']));
  answer('b');
  await b;
  await vi.waitFor(() => expect(asked).toEqual(['a', 'b', 'c', 'd']));
  answer('c');
  answer('d');
  await Promise.all([c, d]);
  const e = lookup('e');
  answer('e');
  expect(await e).toHaveLength(1);
});

it('reads the hosts file of this machine by default', async () => {
  const found = await createSystemLookup()('localhost');
  expect(found.map(({ address }) => address)).toContain('127.0.0.1');
});
