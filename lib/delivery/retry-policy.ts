/** What decides when a delivery is tried again. Milliseconds. */
export interface RetryPolicy {
  /** Delay before each attempt; its length is the number of attempts. */
  readonly schedule: readonly number[];
  /** Share of the delay that is added at random. */
  readonly jitter: number;
}

/**
 * Milliseconds until the next attempt after `attempts` were made and failed, or `null` when none is left.
 *
 * @param random - a number from 0 up to 1
 */
export function nextDelay(
  { schedule, jitter }: RetryPolicy,
  attempts: number,
  random: number,
): number | null {
  const delay = schedule[attempts];
  return delay === undefined ? null : Math.round(delay * (1 + jitter * random));
}
