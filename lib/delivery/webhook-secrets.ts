import type { Webhook } from '../model/webhook.entity.js';
import { createRedactor } from '../secrets/redact.js';
import { redactHeaders } from '../secrets/redact-headers.js';
import type { SecretStore } from '../secrets/secret-store.js';
import { secretValues } from '../secrets/secret-values.js';

/** What a delivery needs of the secrets of its webhook. */
export interface DecryptedSecrets {
  /** What templates read as `secrets.NAME`. */
  readonly variables: Readonly<Record<string, string>>;
  /**
   * The secrets to sign with: the current one, then the one before it while they overlap.
   *
   * @param now - milliseconds
   * @throws SecretsError
   */
  signing(now: number): readonly string[];
  /** Hides every secret value that the webhook has or had. */
  mask(text: string): string;
  /** As `mask`, and hides headers that carry credentials whole. */
  maskHeaders(headers: Readonly<Record<string, string>>): Record<string, string>;
}

/** By the definition as it was read: another revision is another object. */
const known = new WeakMap<Webhook, DecryptedSecrets>();

/**
 * Decrypts the secrets of a webhook, once for each revision. Signing secrets are hidden as well: a receiver knows them
 * and may send them back. So are old values: bodies that were rendered with them are sent again. What is damaged and
 * would only be hidden stops no delivery.
 *
 * @throws SecretsError when the variables cannot be read, or a key is missing
 */
export function readSecrets(webhook: Webhook, store: SecretStore): DecryptedSecrets {
  const cached = known.get(webhook);
  if (cached !== undefined) return cached;
  const { id, variables } = webhook;
  const mask = createRedactor(secretValues(store, webhook).values);
  const secrets: DecryptedSecrets = {
    variables:
      variables === null
        ? {}
        : (JSON.parse(store.decrypt(id, 'variables', variables)) as Record<string, string>),
    signing: signingSecrets(webhook, store),
    mask,
    // A record of texts gives a record of texts.
    maskHeaders: (headers) => redactHeaders(headers, mask) as Record<string, string>,
  };
  known.set(webhook, secrets);
  return secrets;
}

/** Decrypted when they are first used: one that is damaged is an error of signing, not of rendering. */
function signingSecrets(
  { id, secret, previousSecret, previousSecretUntil }: Webhook,
  store: SecretStore,
): DecryptedSecrets['signing'] {
  const decrypted = new Map<string, string>();
  const read = (encrypted: string): string => {
    const text = decrypted.get(encrypted) ?? store.decrypt(id, 'secret', encrypted);
    decrypted.set(encrypted, text);
    return text;
  };
  return (now) => {
    const overlaps = previousSecretUntil !== null && previousSecretUntil.getTime() > now;
    return [secret, overlaps ? previousSecret : null].flatMap((each) => (each === null ? [] : read(each)));
  };
}
