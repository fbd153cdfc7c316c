import { expect, it } from 'vitest';
import { WebhooksHealthIndicator } from '../../../lib/observability/webhooks.health.js';
import type { WebhooksBacklog, WebhooksStatistics } from '../../../lib/observability/webhooks-statistics.js';

const indicator = (read: () => Promise<WebhooksBacklog>) =>
  new WebhooksHealthIndicator({ read } as unknown as WebhooksStatistics);
const backlog = (oldestEventAge: number): WebhooksBacklog => ({
  queueDepth: null,
  oldestEventAge,
  dueDeliveries: 3,
});

it.each([
  [0, 'up'],
  [60_000, 'up'],
  [60_001, 'down'],
])('an event that waited %i ms means %s', async (age, status) => {
  const { webhooks } = await indicator(() => Promise.resolve(backlog(age))).isHealthy();
  expect(webhooks).toMatchObject({ status, oldestEventAge: age, dueDeliveries: 3 });
});

it('is down when the database does not answer', async () => {
  const result = await indicator(() => Promise.reject(new Error('gone'))).isHealthy('hooks');
  expect(result).toEqual({ hooks: { status: 'down', message: 'The database does not answer: Error: gone' } });
});
