/** Milliseconds that a receiver may ask for at most; it cannot keep a delivery alive by asking for years. */
const MAX_HINT = 36_000_000;

/**
 * Milliseconds that a `Retry-After` header asks to wait, in seconds or as an HTTP date, capped at ten hours; 0 when it
 * says nothing that can be read. A date is taken relative to the receiver's own `Date` header: its clock may differ
 * from ours.
 *
 * @param now - milliseconds since the epoch, for an answer without a `Date`
 */
export function retryAfter(
  headers: Readonly<Record<string, string | readonly string[]>>,
  now: number,
): number {
  const value = first(headers['retry-after'])?.trim() ?? '';
  if (/^\d{1,10}(?:\.\d+)?$/.test(value)) return Math.min(MAX_HINT, Math.ceil(Number(value) * 1_000));
  // Date.parse() reads far more than HTTP dates; those begin with the name of a day.
  if (!/^[A-Z][a-z]{2,8},? /.test(value)) return 0;
  const at = Date.parse(value);
  const sent = Date.parse(first(headers['date']) ?? '');
  const wait = at - (Number.isNaN(sent) ? now : sent);
  return Number.isNaN(wait) ? 0 : Math.max(0, Math.min(MAX_HINT, wait));
}

function first(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
