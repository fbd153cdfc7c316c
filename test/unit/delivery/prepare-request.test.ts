import { afterEach, expect, it, vi } from 'vitest';
import type { DeliveryWork } from '../../../lib/delivery/delivery-work.js';
import { prepareRequest } from '../../../lib/delivery/prepare-request.js';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { SecretStore } from '../../../lib/secrets/secret-store.js';

const store = new SecretStore({ keys: [] });
const limits = { maxSteps: 100_000, timeLimit: 1, maxOutput: 1_000_000 };
/** Looks at the clock while it is rendered. */
const slow = Object.assign(new Webhook(), {
  id: '7',
  url: 'https://receiver.example/',
  method: 'POST',
  contentType: '',
  additionalHeaders: '',
  bodyTemplate: '{% for i in range(20000) %}{{ i * i }}{% endfor %}',
  strictTemplates: false,
  secret: null,
  previousSecret: null,
  variables: null,
  oldSecrets: null,
} satisfies Partial<Webhook>);
const work = {
  id: '1',
  rendered: false,
  hasDefaultBody: false,
  event: {
    id: '1',
    model: 'router',
    event: 'create',
    counterpartId: null,
    occurredAt: new Date(0),
    username: null,
    requestId: null,
    traceparent: null,
    data: '{}',
    prechange: null,
    postchange: '{}',
    changed: [],
  },
} as unknown as DeliveryWork;

afterEach(() => vi.restoreAllMocks());

/** A clock that goes on by so many milliseconds from one look at it to the next; then it stands still. */
function clockGoesOnBy(...steps: number[]): void {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (now += steps.shift() ?? 0));
}

it('renders once more what met a limit, which the rest of the process may have used up', async () => {
  clockGoesOnBy(0, 50);
  expect((await prepareRequest(work, slow, store, limits)).body).toMatch(/^0149/);
});

it.each([
  ['Traceparent: theirs\nUSER-AGENT: them', { Traceparent: 'theirs', 'USER-AGENT': 'them' }],
  ['x: y', { x: 'y', traceparent: 'ours', 'user-agent': 'nestjs-webhooks' }],
])('headers of ours give way to those of the webhook: %s', async (additionalHeaders, expected) => {
  const webhook = Object.assign(new Webhook(), slow, { bodyTemplate: 'text', additionalHeaders });
  const traced = { ...work, event: { ...work.event, traceparent: 'ours' } } as DeliveryWork;
  const { headers } = await prepareRequest(traced, webhook, store, { ...limits, timeLimit: 1_000 });
  const { 'content-type': _, ...others } = headers;
  expect(others).toEqual(expected);
});

it('does not render a third time', async () => {
  clockGoesOnBy(0, 50, 0, 50);
  await expect(prepareRequest(work, slow, store, limits)).rejects.toMatchObject({
    code: 'WEBHOOKS_TEMPLATE_LIMIT',
  });
});
