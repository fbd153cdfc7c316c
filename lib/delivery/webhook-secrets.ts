import type { Webhook } from '../model/webhook.entity.js';
import { createRedactor } from '../secrets/redact.js';
import { redactHeaders } from '../secrets/redact-headers.js';
import type { SecretStore } from '../secrets/secret-store.js';

/** The secret values of a webhook, as far as templates see them, and what hides all of them in records. */
export interface WebhookSecrets {
  readonly variables: Readonly<Record<string, string>>;
  mask(text: string): string;
  maskHeaders(headers: Readonly<Record<string, string>>): Record<string, string>;
}

/** By the definition as it was read: another revision is another object. */
const known = new WeakMap<Webhook, WebhookSecrets>();

/**
 * Decrypts the secrets of a webhook, once for each revision. Signing secrets are hidden as well: a receiver knows them
 * and may send them back.
 *
 * @throws SecretsError
 */
export function readSecrets(webhook: Webhook, store: SecretStore): WebhookSecrets {
  const cached = known.get(webhook);
  if (cached !== undefined) return cached;
  const { id, variables, secret, previousSecret } = webhook;
  const named =
    variables === null
      ? {}
      : (JSON.parse(store.decrypt(id, 'variables', variables)) as Record<string, string>);
  const signing = [secret, previousSecret].flatMap((each) =>
    each === null ? [] : [store.decrypt(id, 'secret', each)],
  );
  const mask = createRedactor([...Object.values(named), ...signing]);
  const secrets: WebhookSecrets = {
    variables: named,
    mask,
    // A record of texts gives a record of texts.
    maskHeaders: (headers) => redactHeaders(headers, mask) as Record<string, string>,
  };
  known.set(webhook, secrets);
  return secrets;
}
