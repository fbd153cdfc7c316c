/** A value that JSON can say without loss. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/**
 * Serialises a value to JSON text with one stated encoding for what JSON itself leaves open, so that the text is
 * the same on every database:
 *
 * - `bigint`: its decimal digits as a string, since most readers of JSON numbers stop at 2^53
 * - `Date`: ISO 8601 in UTC with milliseconds; an invalid date is `null`
 * - `Buffer`, `Uint8Array` and `ArrayBuffer`: standard base64 as a string
 * - `Map`: an object; `Set`: an array
 * - `NaN` and the infinities: `null`
 * - `undefined`, functions and symbols: left out of objects, `null` in arrays
 * - NUL and lone surrogates: escaped (`\u0000`), so that the text itself holds neither
 *
 * Decimal columns arrive from TypeORM as strings and stay strings. An object's own `toJSON` is honoured.
 *
 * @throws TypeError for a value that refers to itself.
 */
export function toJsonText(value: unknown): string {
  // A replacer makes JSON.stringify several times slower, and most values need none.
  return (needsEncoding(value) ? JSON.stringify(value, encode) : JSON.stringify(value)) ?? 'null';
}

/** As {@link toJsonText}, but the plain value instead of its text. */
export function toJsonValue(value: unknown): JsonValue {
  return JSON.parse(toJsonText(value)) as JsonValue;
}

/** What a JSON text says; `null` where there is none. */
export function fromJsonText(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}

/** Whether something in a value is not what JSON.stringify alone would write as stated. */
function needsEncoding(value: unknown, depth = 0): boolean {
  if (typeof value === 'bigint') return true;
  if (typeof value !== 'object' || value === null || value instanceof Date) return false;
  if (depth > MAX_PLAIN_DEPTH || isSpecial(value)) return true;
  if (Array.isArray(value)) return value.some((item) => needsEncoding(item, depth + 1));
  for (const name in value) {
    if (needsEncoding((value as Record<string, unknown>)[name], depth + 1)) return true;
  }
  return false;
}

/** Deeper values, among them those that refer to themselves, are left to the replacer. */
const MAX_PLAIN_DEPTH = 32;

function isSpecial(value: object): boolean {
  return (
    'toJSON' in value ||
    value instanceof Uint8Array ||
    value instanceof ArrayBuffer ||
    value instanceof Map ||
    value instanceof Set
  );
}

function encode(this: unknown, key: string, value: unknown): unknown {
  // JSON.stringify has called toJSON already: dates and buffers are only seen as themselves in their holder.
  const original = (this as Record<string, unknown>)[key];
  if (original instanceof Date) return Number.isNaN(original.getTime()) ? null : original.toISOString();
  if (original instanceof Uint8Array) return base64(original);
  if (original instanceof ArrayBuffer) return base64(new Uint8Array(original));
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  return value;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
