import type { Webhook } from '../model/webhook.entity.js';
import type { SecretStore } from '../secrets/secret-store.js';
import { signWebhook } from '../signing/sign-webhook.js';

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
  const valid = [webhook.secret];
  const overlaps = webhook.previousSecretUntil !== null && webhook.previousSecretUntil.getTime() > now;
  if (webhook.previousSecret !== null && overlaps) valid.push(webhook.previousSecret);
  return signWebhook({
    id: deliveryId,
    timestamp,
    body: body ?? '',
    secrets: valid.map((secret) => secrets.decrypt(webhook.id, 'secret', secret)),
  });
}
