import { createRedactor, MASK } from './redact.js';

/** Headers as they are kept with an attempt. */
export type HeaderRecord = Readonly<Record<string, string | readonly string[]>>;

const SENSITIVE =
  /(?:^|[-_])(?:auth|authorization|authenticate|authentication-info|cookie2?|(?:api|access|auth)[-_]?key|password|passwd|secret|token|session)$/i;

/**
 * Whether a header is known for carrying credentials: `Authorization`, `Proxy-Authorization`, `WWW-Authenticate`,
 * `Cookie`, `Set-Cookie`, `X-API-Key`, `X-Auth-Token` and what is named like them (`Private-Token`, `X-Vault-Token` …).
 */
export function isSensitiveHeader(name: string): boolean {
  return SENSITIVE.test(name);
}

/**
 * A copy of headers for logs and attempt records: sensitive ones masked whole, in the others the secret values.
 *
 * @param secrets the values to mask, or a function of `createRedactor`
 */
export function redactHeaders(
  headers: HeaderRecord,
  secrets: readonly string[] | ((text: string) => string) = [],
): Record<string, string | string[]> {
  const mask = typeof secrets === 'function' ? secrets : createRedactor(secrets);
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const one = isSensitiveHeader(name) ? () => MASK : mask;
      return [mask(name), typeof value === 'string' ? one(value) : value.map(one)];
    }),
  );
}
