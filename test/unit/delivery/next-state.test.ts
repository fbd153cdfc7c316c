import { expect, it } from 'vitest';
import { nextState } from '../../../lib/delivery/next-state.js';

const POLICY = { schedule: [0, 1_000, 2_000], jitter: 0.2 };
const fails = (failure: 'receiver' | 'ours' | 'definition' | null, more: object = {}) => ({
  failure,
  errorClass: 'http',
  retryAfter: 0,
  ...more,
});

it.each([
  ['a success', fails(null), { attempts: 0, made: 0, madeBefore: 0 }, ['succeeded', 1, null]],
  [
    'a fault of the definition',
    fails('definition'),
    { attempts: 0, made: 0, madeBefore: 0 },
    ['failed', 1, null],
  ],
  ['the first failure', fails('receiver'), { attempts: 0, made: 0, madeBefore: 0 }, ['pending', 1, 1_000]],
  ['the last failure', fails('receiver'), { attempts: 2, made: 2, madeBefore: 0 }, ['failed', 3, null]],
  [
    'a wish to wait longer',
    fails('receiver', { retryAfter: 9_000 }),
    { attempts: 0, made: 0, madeBefore: 0 },
    ['pending', 1, 9_000],
  ],
  [
    'a wish to wait less',
    fails('receiver', { retryAfter: 10 }),
    { attempts: 0, made: 0, madeBefore: 0 },
    ['pending', 1, 1_000],
  ],
  [
    'a wish after the last attempt',
    fails('receiver', { retryAfter: 10 }),
    { attempts: 2, made: 2, madeBefore: 0 },
    ['failed', 3, null],
  ],
  ['a failure of ours', fails('ours'), { attempts: 1, made: 1, madeBefore: 0 }, ['pending', 1, 30_000]],
  [
    'failures of ours in a row',
    fails('ours'),
    { attempts: 1, made: 4, madeBefore: 0 },
    ['pending', 1, 240_000],
  ],
  ['many failures of ours', fails('ours'), { attempts: 1, made: 40, madeBefore: 0 }, ['pending', 1, 900_000]],
  [
    'failures of ours without end',
    fails('ours'),
    { attempts: 0, made: 300, madeBefore: 0 },
    ['pending', 1, 1_000],
  ],
  [
    'the first failure of ours of a retry by hand',
    fails('ours'),
    { attempts: 0, made: 300, madeBefore: 300 },
    ['pending', 0, 30_000],
  ],
  [
    'a process that stops',
    fails('ours', { errorClass: 'aborted' }),
    { attempts: 1, made: 1, madeBefore: 0 },
    ['pending', 1, 0],
  ],
] as const)('after %s', (_, result, soFar, [status, attempts, nextDelay]) => {
  expect(nextState(result, soFar, POLICY, 0)).toEqual({ status, attempts, nextDelay });
});

it('adds jitter and never takes any away, also from what the receiver asks for', () => {
  for (const random of [0, 0.5, 0.999]) {
    const { nextDelay } = nextState(
      fails('receiver'),
      { attempts: 0, made: 0, madeBefore: 0 },
      POLICY,
      random,
    );
    expect(nextDelay).toBeGreaterThanOrEqual(1_000);
    expect(nextDelay).toBeLessThanOrEqual(1_200);
    const asked = nextState(
      fails('receiver', { retryAfter: 1_500 }),
      { attempts: 0, made: 0, madeBefore: 0 },
      POLICY,
      random,
    );
    expect(asked.nextDelay).toBeGreaterThanOrEqual(1_500);
  }
});
