import type { Webhook } from '../model/webhook.entity.js';
import type { SecretStore } from '../secrets/secret-store.js';
import { signWebhook } from '../signing/sign-webhook.js';
import { readSecrets } from './webhook-secrets.js';

/**
 * The headers that identify and sign an attempt. A webhook without a secret is identified only.
 *
 * @param now - milliseconds by the database's clock: receivers compare the time with their own and allow five minutes,
 * which a worker's clock may be off by
 */
export function signRequest(
  deliveryId: string,
  now: number,
  webhook: Webhook,
  body: string | null,
  secrets: SecretStore,
): Record<string, string> {
  const timestamp = Math.floor(now / 1_000);
  if (webhook.secret === null) return { 'webhook-id': deliveryId, 'webhook-timestamp': String(timestamp) };
  return signWebhook({
    id: deliveryId,
    timestamp,
    body: body ?? '',
    secrets: readSecrets(webhook, secrets).signing(now),
  });
}
