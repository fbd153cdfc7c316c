import type { Webhook } from '../model/webhook.entity.js';
import type { SecretStore } from '../secrets/secret-store.js';
import { SecretsError } from '../secrets/secrets-error.js';
import { ENCRYPTED_COLUMNS } from './encrypted-columns.js';

/** The encrypted part of a webhook. */
export type WebhookSecrets = Pick<Webhook, 'id' | (typeof ENCRYPTED_COLUMNS)[number][0]>;

/** Values that a webhook had before and that are remembered. */
const REMEMBERED = 100;

/** Every secret value that a webhook has or had, the newest first. @throws SecretsError when one cannot be read */
export function secretValues(secrets: SecretStore, webhook: WebhookSecrets): string[] {
  const values = ENCRYPTED_COLUMNS.flatMap(([column, field]) => {
    const encrypted = webhook[column];
    if (encrypted === null) return [];
    const text = secrets.decrypt(webhook.id, field, encrypted);
    return field === 'secret' ? [text] : Object.values(JSON.parse(text) as Record<string, string>);
  });
  return [...new Set(values)];
}

/**
 * `oldSecrets` of a webhook whose secrets are about to change. Bodies that were rendered with them are kept as they
 * are, to be sent again; whoever shows them must still know what to hide.
 */
export function rememberSecrets(secrets: SecretStore, webhook: WebhookSecrets): string | null {
  try {
    const values = secretValues(secrets, webhook).slice(0, REMEMBERED);
    return values.length === 0 ? null : secrets.encrypt(webhook.id, 'oldSecrets', JSON.stringify(values));
  } catch (error) {
    // A value that is damaged is about to be replaced by one that can be read.
    if (error instanceof SecretsError && error.code === 'WEBHOOKS_SECRET_UNREADABLE')
      return webhook.oldSecrets;
    throw error;
  }
}
