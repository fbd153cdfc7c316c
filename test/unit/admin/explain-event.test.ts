import { describe, expect, it } from 'vitest';
import { explainEvent } from '../../../lib/admin/queries/explain-event.js';
import { WebhookEvent } from '../../../lib/model/webhook-event.entity.js';
import { Webhook } from '../../../lib/model/webhook.entity.js';

/** Takes tens of milliseconds to compile. */
const EXPENSIVE = { attr: 'name', op: 'regex', value: '(a{20}){50}b' };

const event = Object.assign(new WebhookEvent(), {
  model: 'router',
  event: 'create',
  data: '{"name":"a"}',
  prechange: null,
  postchange: null,
  username: null,
  changed: [],
  occurredAt: new Date(2),
  dispatchedAt: new Date(2),
});

function webhook(id: number, conditions: object): Webhook {
  const at = new Date(1);
  return Object.assign(new Webhook(), {
    id: String(id),
    models: ['router'],
    events: ['create'],
    conditions,
    createdAt: at,
    updatedAt: at,
  });
}

describe('explaining an event for many webhooks', () => {
  it('lets others have the event loop', async () => {
    const webhooks = Array.from({ length: 40 }, (_, index) => webhook(index, EXPENSIVE));
    let turns = 0;
    const others = setInterval(() => (turns += 1));
    const reasons = await explainEvent(event, webhooks, []);
    clearInterval(others);
    expect(reasons.map(({ verdict }) => verdict)).toEqual(webhooks.map(() => 'conditions'));
    expect(turns).toBeGreaterThan(5);
  });

  it('compiles the conditions of a webhook once', async () => {
    let read = 0;
    const conditions = {
      attr: 'name',
      get value() {
        read += 1;
        return 'a';
      },
    };
    const webhooks = [webhook(1, conditions)];
    for (const _ of [1, 2, 3]) {
      expect(await explainEvent(event, webhooks, [])).toMatchObject([
        { verdict: 'gone', conditions: { matched: true } },
      ]);
    }
    expect(read).toBe(1);
  });

  it('says what is wrong with conditions that were written by other means', async () => {
    expect(
      await explainEvent(event, [webhook(1, { attr: 'name', op: 'like', value: 'a' })], []),
    ).toMatchObject([
      { verdict: 'conditions', conditions: { matched: false, error: expect.stringContaining('like') } },
    ]);
  });
});
