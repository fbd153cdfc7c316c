import type { DeliveryStatus } from '../model/webhook-delivery.entity.js';
import type { AttemptResult } from './attempt-result.js';
import { nextDelay, type RetryPolicy } from './retry-policy.js';

/** What becomes of a delivery after an attempt. */
export interface NextState {
  readonly status: DeliveryStatus;
  /** Attempts that count against the schedule. */
  readonly attempts: number;
  /** Milliseconds until the next attempt; `null` when none follows. */
  readonly nextDelay: number | null;
}

/** How far a delivery has come before the attempt. */
export interface AttemptsSoFar {
  /** That count against the schedule. */
  readonly attempts: number;
  /** All. */
  readonly made: number;
  /** Before the schedule was started again. */
  readonly madeBefore: number;
}

/** Milliseconds until another try after a failure that was ours; doubles up to the second. */
const OUR_DELAY = [30_000, 900_000] as const;
/** Failures of ours after which they count: about three days. Something that never ends is no outage. */
const OUR_LIMIT = 300;

/**
 * Decides what follows an attempt.
 *
 * @param random - a number from 0 up to 1
 */
export function nextState(
  result: Pick<AttemptResult, 'failure' | 'errorClass' | 'retryAfter'>,
  { attempts, made, madeBefore }: AttemptsSoFar,
  policy: RetryPolicy,
  random: number,
): NextState {
  const uncounted = Math.max(0, made - madeBefore - attempts);
  switch (result.failure) {
    case null:
      return { status: 'succeeded', attempts: attempts + 1, nextDelay: null };
    case 'definition':
      return { status: 'failed', attempts: attempts + 1, nextDelay: null };
    case 'ours':
      // Broken off because this process stops: another one can go on at once.
      if (result.errorClass === 'aborted') return { status: 'pending', attempts, nextDelay: 0 };
      if (uncounted < OUR_LIMIT) {
        const delay = Math.min(OUR_DELAY[1], OUR_DELAY[0] * 2 ** Math.min(uncounted, 10));
        return { status: 'pending', attempts, nextDelay: Math.round(delay * (1 + policy.jitter * random)) };
      }
      break;
    case 'receiver':
  }
  const delay = nextDelay(policy, attempts + 1, random);
  return delay === null
    ? { status: 'failed', attempts: attempts + 1, nextDelay: null }
    : { status: 'pending', attempts: attempts + 1, nextDelay: Math.max(delay, result.retryAfter) };
}
