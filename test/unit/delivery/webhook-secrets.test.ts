import { expect, it, vi } from 'vitest';
import { readSecrets } from '../../../lib/delivery/webhook-secrets.js';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { SecretStore } from '../../../lib/secrets/secret-store.js';

const store = new SecretStore({ keys: [Buffer.alloc(32, 7).toString('base64')] });

function webhookWith(
  secret: string,
  variables: Record<string, string>,
  more: Partial<Webhook> = {},
): Webhook {
  return Object.assign(new Webhook(), {
    id: '7',
    secret: store.encrypt('7', 'secret', secret),
    previousSecret: null,
    variables: store.encrypt('7', 'variables', JSON.stringify(variables)),
    oldSecrets: null,
    ...more,
  });
}

it('reads the secrets of a webhook once for each revision', () => {
  const webhook = webhookWith('a signing secret', { TOKEN: 'token-4711' });
  const first = readSecrets(webhook, store);
  const decrypt = vi.spyOn(store, 'decrypt');
  expect(readSecrets(webhook, store)).toBe(first);
  expect(decrypt).not.toHaveBeenCalled();
  expect(first.variables).toEqual({ TOKEN: 'token-4711' });
  const next = readSecrets(webhookWith('another signing secret', {}), store);
  expect(next.mask('another signing secret, token-4711')).toBe('[redacted], token-4711');
});

it('hides what the webhook had before, and does without what is damaged and would only be hidden', () => {
  const oldSecrets = store.encrypt('7', 'oldSecrets', JSON.stringify(['token-42']));
  const { mask } = readSecrets(
    webhookWith('a signing secret', {}, { previousSecret: 'x', oldSecrets }),
    store,
  );
  expect(mask('token-42 signed with a signing secret')).toBe('[redacted] signed with [redacted]');
});

it('does not do without variables', () => {
  expect(() => readSecrets(webhookWith('a signing secret', {}, { variables: 'x' }), store)).toThrow(
    expect.objectContaining({ code: 'WEBHOOKS_SECRET_UNREADABLE' }),
  );
});
