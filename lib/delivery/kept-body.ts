import type { WebhookDelivery } from '../model/webhook-delivery.entity.js';
import { isEncrypted } from '../secrets/key-ring.js';
import type { SecretStore } from '../secrets/secret-store.js';

/** Where a body belongs. */
type BodyPlace = Pick<WebhookDelivery, 'id' | 'webhookId'>;

/** The name under which templates find secret values; there is no other way to them. */
const SECRETS = /\bsecrets\b/;

/** Whether a body may hold secret values, or what a template made of them. */
export function mayHoldSecrets(template: string, variables: Readonly<Record<string, string>>): boolean {
  return Object.keys(variables).length > 0 && SECRETS.test(template);
}

/**
 * A body as its delivery keeps it. Secret ones are encrypted; so is what would be taken for an encrypted one.
 *
 * @throws SecretsError
 */
export function keepBody(
  secrets: SecretStore,
  { id, webhookId }: BodyPlace,
  body: string | null,
  secret: boolean,
): string | null {
  if (body === null || !(secret || isEncrypted(body))) return body;
  return secrets.encrypt(webhookId, `body:${id}`, body);
}

/** The body that {@link keepBody} made this of. @throws SecretsError */
export function readBody(
  secrets: SecretStore,
  { id, webhookId }: BodyPlace,
  kept: string | null,
): string | null {
  return kept !== null && isEncrypted(kept) ? secrets.decrypt(webhookId, `body:${id}`, kept) : kept;
}
