import { afterEach, expect, it, vi } from 'vitest';
import type { DeliveryWork } from '../../../lib/delivery/delivery-work.js';
import { prepareRequest } from '../../../lib/delivery/prepare-request.js';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { SecretStore } from '../../../lib/secrets/secret-store.js';

const store = new SecretStore({ keys: [] });
const limits = { maxSteps: 100_000, timeLimit: 1, maxOutput: 1_000_000 };
/** More than a millisecond of work. */
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

/** The processor's time that a rendering seems to have used, one after the other; then none. */
function renderingsUse(...milliseconds: number[]): void {
  let used = 0;
  vi.spyOn(process, 'cpuUsage').mockImplementation((since) => {
    if (since !== undefined) return { user: used * 1_000, system: 0 };
    used = milliseconds.shift() ?? 0;
    return { user: 0, system: 0 };
  });
}

it('renders once more what met a limit, which the rest of the process may have used up', async () => {
  renderingsUse(50);
  expect((await prepareRequest(work, slow, store, limits)).body).toMatch(/^0149/);
});

it('does not render a third time', async () => {
  renderingsUse(50, 50);
  await expect(prepareRequest(work, slow, store, limits)).rejects.toMatchObject({
    code: 'WEBHOOKS_TEMPLATE_LIMIT',
  });
});
