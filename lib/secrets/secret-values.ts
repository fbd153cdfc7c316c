import { ENCRYPTED_COLUMNS, type EncryptedSecrets } from './encrypted-secrets.js';
import type { SecretField, SecretStore } from './secret-store.js';
import { SecretsError } from './secrets-error.js';

/** Values that a webhook had before and that are remembered. */
const REMEMBERED = 100;
/** Characters of those together: room for all variables of a webhook as they were before the last two changes. */
const REMEMBERED_LENGTH = 33_000;

/** The secret values that a webhook has or had. */
export interface SecretValues {
  /** Each once, the newest first. */
  readonly values: readonly string[];
  /** Whether these are all: `false` when a column was damaged and left out. */
  readonly complete: boolean;
}

/** Decrypts what is to be hidden of a webhook. @throws SecretsError when a key is missing */
export function secretValues(store: SecretStore, webhook: EncryptedSecrets): SecretValues {
  const columns = ENCRYPTED_COLUMNS.map(([column, field]) =>
    valuesOf(store, webhook.id, field, webhook[column]),
  );
  return {
    values: [...new Set(columns.flatMap((values) => values ?? []))],
    complete: !columns.includes(null),
  };
}

/**
 * `oldSecrets` of a webhook whose secrets are about to change. Bodies that were rendered with them are kept as they
 * are, to be sent again; whoever shows them must still know what to hide. What is damaged is forgotten, and so are the
 * oldest when they are many or long.
 *
 * @throws SecretsError when a key is missing
 */
export function rememberSecrets(store: SecretStore, webhook: EncryptedSecrets): string | null {
  let length = 0;
  const fits = (value: string) => (length += value.length) <= REMEMBERED_LENGTH;
  const all = secretValues(store, webhook).values.slice(0, REMEMBERED);
  const end = all.findIndex((value) => !fits(value));
  const values = end === -1 ? all : all.slice(0, end);
  return values.length === 0 ? null : store.encrypt(webhook.id, 'oldSecrets', JSON.stringify(values));
}

/** The values in one column, or `null` when it is damaged. */
function valuesOf(
  store: SecretStore,
  webhookId: string,
  field: SecretField,
  encrypted: string | null,
): string[] | null {
  if (encrypted === null) return [];
  try {
    const text = store.decrypt(webhookId, field, encrypted);
    return field === 'secret' ? [text] : Object.values(JSON.parse(text) as Record<string, string>);
  } catch (error) {
    if (error instanceof SecretsError && error.code === 'WEBHOOKS_SECRET_UNREADABLE') return null;
    throw error;
  }
}
