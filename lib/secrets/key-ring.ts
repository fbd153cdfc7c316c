import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { SecretsOptions } from '../options/webhooks-options.js';
import { parseKey } from './parse-key.js';
import { SecretsError } from './secrets-error.js';

/** What every encrypted text begins with. */
export const ENCRYPTED_PREFIX = 'v1.';
const FORM = /^v1\.([0-9a-f]{8})\.([A-Za-z0-9_-]+)$/;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * The keys that encrypt secrets at rest, with AES-256-GCM. The first key encrypts; all of them decrypt. An encrypted
 * text reads `v1.<key id>.<base64url>`, so the key that it needs is found without trying, and `isCurrent()` tells
 * whether it is due to be encrypted again after a rotation.
 */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #current: { readonly id: string; readonly key: Buffer };

  /** @throws SecretsError `WEBHOOKS_KEY_INVALID` */
  constructor({ keys }: SecretsOptions) {
    const entries = (Array.isArray(keys) ? keys : []).map((text: unknown, index) => {
      const key = parseKey(text, index);
      return { id: keyId(key), key };
    });
    const [current] = entries;
    if (current === undefined) {
      throw new SecretsError(
        'WEBHOOKS_KEY_INVALID',
        'secrets.keys holds no key, and secrets are never stored in the clear. Give at least one: `openssl rand -base64 32`.',
      );
    }
    this.#current = current;
    this.#keys = new Map(entries.map(({ id, key }) => [id, key]));
  }

  /**
   * Encrypts a text with the first key.
   *
   * @param aad where the text belongs, such as `webhook:7:secret`: the same must be given to decrypt, so that a row's
   * secret copied into another row does not open
   */
  encrypt(text: string, aad = ''): string {
    const iv = randomBytes(IV_BYTES);
    const prefix = `${ENCRYPTED_PREFIX}${this.#current.id}.`;
    const cipher = createCipheriv('aes-256-gcm', this.#current.key, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(prefix + aad));
    const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return prefix + sealed.toString('base64url');
  }

  /**
   * Decrypts what `encrypt` made, whichever key of the ring it was made with.
   *
   * @throws SecretsError `WEBHOOKS_KEY_UNKNOWN`, `WEBHOOKS_SECRET_UNREADABLE`
   */
  decrypt(encrypted: string, aad = ''): string {
    const { id, sealed } = parse(encrypted);
    const key = this.#keys.get(id);
    if (key === undefined) {
      throw new SecretsError(
        'WEBHOOKS_KEY_UNKNOWN',
        `A secret was encrypted with the key ${id}, which secrets.keys does not hold (it holds ${[...this.#keys.keys()].join(', ')}). ` +
          'Put that key back, after the first one.',
      );
    }
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(`${ENCRYPTED_PREFIX}${id}.${aad}`));
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      return (
        decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      );
    } catch (cause) {
      throw unreadable('it was changed, or it belongs to another place', cause);
    }
  }

  /**
   * Whether a text was encrypted with the first key; if not, decrypt and encrypt it again.
   *
   * @throws SecretsError `WEBHOOKS_SECRET_UNREADABLE`
   */
  isCurrent(encrypted: string): boolean {
    return parse(encrypted).id === this.#current.id;
  }
}

/** Whether a text has the form of an encrypted one. */
export function isEncrypted(text: string): boolean {
  return FORM.test(text);
}

/** Names a key without giving anything of it away. */
function keyId(key: Buffer): string {
  return createHmac('sha256', key).update('nestjs-webhooks key id').digest('hex').slice(0, 8);
}

function parse(encrypted: string): { id: string; sealed: Buffer } {
  const [, id, data] = FORM.exec(encrypted) ?? [];
  if (id === undefined || data === undefined)
    throw unreadable('it does not have the form of an encrypted secret');
  const sealed = Buffer.from(data, 'base64url');
  if (sealed.length < IV_BYTES + TAG_BYTES) throw unreadable('it was cut short');
  return { id, sealed };
}

function unreadable(why: string, cause?: unknown): SecretsError {
  return new SecretsError(
    'WEBHOOKS_SECRET_UNREADABLE',
    `A stored secret cannot be decrypted: ${why}. Restore the row, or set the secret anew.`,
    { cause },
  );
}
