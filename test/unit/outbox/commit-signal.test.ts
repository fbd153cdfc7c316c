import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, it } from 'vitest';
import { CommitSignal } from '../../../lib/outbox/commit-signal.js';

it('tells every listener until it is taken away', () => {
  const signal = new CommitSignal();
  const heard: string[] = [];
  const leave = signal.subscribe(() => heard.push('first'));
  signal.subscribe(() => heard.push('second'));
  signal.notify();
  leave();
  signal.notify();
  expect(heard).toEqual(['first', 'second', 'second']);
});

it('keeps the context of the commit from what listeners start', async () => {
  const request = new AsyncLocalStorage<string>();
  const signal = new CommitSignal();
  const seen: (string | undefined)[] = [];
  signal.subscribe(() => void Promise.resolve().then(() => seen.push(request.getStore())));
  request.run('a request', () => signal.notify());
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual([undefined]);
});
