import type { DeliveryStatus } from '../model/webhook-delivery.entity.js';
import type { FailureOrigin } from './attempt-result.js';
import { nextDelay, type RetryPolicy } from './retry-policy.js';

/** What becomes of a delivery after an attempt. */
export interface NextState {
  readonly status: DeliveryStatus;
  readonly attempts: number;
  /** Milliseconds until the next attempt; `null` when none follows. */
  readonly nextDelay: number | null;
}

/** Milliseconds until another try after a failure that was ours. */
const OUR_FAILURE_DELAY = 30_000;

/**
 * Decides what follows an attempt.
 *
 * @param attempts - that counted before this one
 * @param random - a number from 0 up to 1
 */
export function nextState(
  failure: FailureOrigin | null,
  attempts: number,
  policy: RetryPolicy,
  random: number,
): NextState {
  switch (failure) {
    case null:
      return { status: 'succeeded', attempts: attempts + 1, nextDelay: null };
    case 'definition':
      return { status: 'failed', attempts: attempts + 1, nextDelay: null };
    case 'ours':
      return {
        status: 'pending',
        attempts,
        nextDelay: Math.round(OUR_FAILURE_DELAY * (1 + policy.jitter * random)),
      };
    case 'receiver': {
      const delay = nextDelay(policy, attempts + 1, random);
      return { status: delay === null ? 'failed' : 'pending', attempts: attempts + 1, nextDelay: delay };
    }
  }
}
