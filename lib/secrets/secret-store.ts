import type { SecretsOptions } from '../options/webhooks-options.js';
import { KeyRing } from './key-ring.js';
import { SecretsError } from './secrets-error.js';

/** The encrypted fields of a webhook, and the bodies of its deliveries by their ids. */
export type SecretField = 'secret' | 'variables' | 'oldSecrets' | `body:${string}`;

/** Encrypts and decrypts what webhooks keep secret, each text bound to its webhook and its field. */
export class SecretStore {
  private readonly ring: KeyRing | undefined;

  /** Without keys nothing can be encrypted, and using a secret says so. */
  constructor(options: SecretsOptions) {
    this.ring = options.keys.length === 0 ? undefined : new KeyRing(options);
  }

  /** Encrypts a field of a webhook with the first key. @throws SecretsError `WEBHOOKS_KEY_MISSING` */
  encrypt(webhookId: string, field: SecretField, text: string): string {
    return this.keys('A secret cannot be stored').encrypt(text, place(webhookId, field));
  }

  /** Decrypts a field of a webhook. @throws SecretsError `WEBHOOKS_KEY_MISSING`, `WEBHOOKS_KEY_UNKNOWN` … */
  decrypt(webhookId: string, field: SecretField, encrypted: string): string {
    return this.keys('A stored secret cannot be read').decrypt(encrypted, place(webhookId, field));
  }

  /** Whether a text was encrypted with the first key. */
  isCurrent(encrypted: string): boolean {
    return this.keys('A stored secret cannot be read').isCurrent(encrypted);
  }

  private keys(what: string): KeyRing {
    if (this.ring !== undefined) return this.ring;
    throw new SecretsError(
      'WEBHOOKS_KEY_MISSING',
      `${what}: WebhooksModule has no secrets.keys, and secrets are never stored in the clear. ` +
        'Make a key with `openssl rand -base64 32` and give it as secrets: { keys: [process.env.WEBHOOKS_KEY!] }.',
    );
  }
}

function place(webhookId: string, field: SecretField): string {
  return `webhook:${webhookId}:${field}`;
}
