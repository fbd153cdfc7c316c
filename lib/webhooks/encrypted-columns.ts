import type { SecretField } from '../secrets/secret-store.js';

/** The encrypted columns of a webhook, and the field whose place each is encrypted for. */
export const ENCRYPTED_COLUMNS = [
  ['secret', 'secret'],
  ['previousSecret', 'secret'],
  ['variables', 'variables'],
  ['oldSecrets', 'oldSecrets'],
] as const satisfies readonly (readonly [column: string, field: SecretField])[];
