import { expect, it, vi } from 'vitest';
import { readSecrets } from '../../../lib/delivery/webhook-secrets.js';
import { Webhook } from '../../../lib/model/webhook.entity.js';
import { SecretStore } from '../../../lib/secrets/secret-store.js';

const store = new SecretStore({ keys: [Buffer.alloc(32, 7).toString('base64')] });

function webhookWith(secret: string, variables: Record<string, string>): Webhook {
  return Object.assign(new Webhook(), {
    id: '7',
    secret: store.encrypt('7', 'secret', secret),
    previousSecret: null,
    variables: store.encrypt('7', 'variables', JSON.stringify(variables)),
  });
}

it('reads the secrets of a webhook once for each revision', () => {
  const decrypt = vi.spyOn(store, 'decrypt');
  const webhook = webhookWith('a signing secret', { TOKEN: 'token-4711' });
  const first = readSecrets(webhook, store);
  expect(readSecrets(webhook, store)).toBe(first);
  expect(decrypt).toHaveBeenCalledTimes(2);
  expect(first.variables).toEqual({ TOKEN: 'token-4711' });
  const next = readSecrets(webhookWith('another signing secret', {}), store);
  expect(next.mask('another signing secret, token-4711')).toBe('[redacted], token-4711');
});
