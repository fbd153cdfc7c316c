import type { SecretField } from './secret-store.js';

/** The encrypted columns of a webhook, and the field whose place each is encrypted for. */
export const ENCRYPTED_COLUMNS = [
  ['secret', 'secret'],
  ['previousSecret', 'secret'],
  ['variables', 'variables'],
  ['oldSecrets', 'oldSecrets'],
] as const satisfies readonly (readonly [column: string, field: SecretField])[];

/** What a webhook keeps encrypted, and the id that it is bound to. */
export type EncryptedSecrets = { readonly id: string } & Readonly<
  Record<(typeof ENCRYPTED_COLUMNS)[number][0], string | null>
>;
