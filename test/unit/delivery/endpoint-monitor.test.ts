import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { judgeResult, type AttemptResult } from '../../../lib/delivery/attempt-result.js';
import { EndpointMonitor } from '../../../lib/delivery/endpoint.monitor.js';
import { WebhooksNotices } from '../../../lib/delivery/webhooks-notices.js';
import { DEFAULT_OPTIONS } from '../../../lib/options/resolve-options.js';

function monitor() {
  const made = new EndpointMonitor({} as DataSource, new WebhooksNotices(), DEFAULT_OPTIONS.delivery.health);
  return {
    /** One webhook for each URL, unless it is named. */
    attribute: (address: string, sent: AttemptResult, webhookId = address) =>
      made.attribute(webhookId, address, sent),
  };
}
const refused = judgeResult({
  ok: false,
  errorClass: 'connect',
  message: 'The connection failed.',
  ours: false,
  statusCode: null,
  remoteAddress: null,
  timings: { total: 1 },
});
const answered = (statusCode: number) =>
  judgeResult({
    ok: true,
    statusCode,
    headers: {},
    body: '',
    truncated: false,
    remoteAddress: '192.0.2.1',
    timings: { total: 1 },
  });
const url = (origin: number) => `http://r${origin}.example/hook?x=1`;

it('one endpoint that cannot be reached answers for itself', () => {
  const judge = monitor();
  for (const origin of [1, 2, 3]) judge.attribute(url(origin), answered(200));
  for (let time = 0; time < 20; time++)
    expect(judge.attribute(url(4), refused)).toMatchObject({ failure: 'receiver' });
});

it('when most endpoints cannot be reached the failure is ours, until they can be again', () => {
  const judge = monitor();
  const failures = [1, 2, 3, 4].map((origin) => judge.attribute(url(origin), refused).failure);
  expect(failures).toEqual(['receiver', 'receiver', 'ours', 'ours']);
  // What an endpoint answers is its own, whatever the network does.
  expect(judge.attribute(url(5), answered(500))).toMatchObject({ failure: 'receiver' });
  for (const origin of [1, 2, 3]) judge.attribute(url(origin), answered(204));
  expect(judge.attribute(url(4), refused)).toMatchObject({ failure: 'receiver' });
});

it('many origins that one webhook cannot reach speak for nobody else', () => {
  const judge = monitor();
  for (const origin of [1, 2, 3]) judge.attribute(url(origin), answered(200));
  for (let origin = 10; origin < 50; origin++)
    expect(judge.attribute(url(origin), refused, 'one')).toMatchObject({ failure: 'receiver' });
  expect(judge.attribute(url(4), refused)).toMatchObject({ failure: 'receiver' });
});

const noAnswer = (errorClass: 'dns' | 'timeout') =>
  judgeResult({
    ok: false,
    errorClass,
    message: 'No answer.',
    ours: true,
    statusCode: null,
    remoteAddress: null,
    timings: { total: 1 },
  });
const unknownName = judgeResult({
  ok: false,
  errorClass: 'dns',
  message: 'No such name.',
  ours: false,
  statusCode: null,
  remoteAddress: null,
  timings: { dns: 1, total: 1 },
});
const resolved = { ...answered(200), timings: { dns: 1, total: 1 } };

it.each(['dns', 'timeout'] as const)(
  'a name without an answer (%s) is ours until others get one; then it is its own',
  (errorClass) => {
    const judge = monitor();
    const failing = () => judge.attribute(url(1), noAnswer(errorClass)).failure;
    for (const origin of [2, 3]) judge.attribute(url(origin), resolved);
    expect([failing(), failing()]).toEqual(['ours', 'ours']);
    // Over a connection that is there, nobody is asked for the name.
    judge.attribute(url(2), answered(200));
    // Nor for an address.
    judge.attribute('http://192.0.2.1/', resolved);
    expect(failing()).toBe('ours');
    judge.attribute(url(3), resolved);
    expect([failing(), failing()]).toEqual(['receiver', 'receiver']);
    judge.attribute(url(1), resolved);
    expect(failing()).toBe('ours');
  },
);

it('that there is no such name is an answer too', () => {
  const judge = monitor();
  const failing = () => judge.attribute(url(1), noAnswer('dns')).failure;
  for (const origin of [3, 4, 5]) judge.attribute(url(origin), resolved);
  expect(failing()).toBe('ours');
  judge.attribute(url(2), unknownName);
  expect(failing()).toBe('receiver');
});

it('names without an answer are ours when most get none', () => {
  const judge = monitor();
  for (const origin of [1, 2, 3]) judge.attribute(url(origin), noAnswer('dns'));
  judge.attribute(url(4), resolved);
  expect(judge.attribute(url(1), noAnswer('dns')).failure).toBe('ours');
});
