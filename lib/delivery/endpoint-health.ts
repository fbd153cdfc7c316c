/** What is known of an endpoint's health; times are milliseconds of the database's clock. */
export interface EndpointHealth {
  readonly enabled: boolean;
  readonly failureCount: number;
  readonly failingSince: number | null;
  readonly pausedUntil: number | null;
  readonly pauseCount: number;
}

/** When an endpoint rests and when it is given up. Milliseconds. */
export interface HealthPolicy {
  readonly pauseAfter: number;
  readonly pause: number;
  readonly maxPause: number;
  readonly disableAfterFailures: number;
  readonly disableAfterTime: number;
}

/** Attempts at one endpoint, in the order in which they ended. */
export interface HealthOutcome {
  readonly success: boolean;
  /** Whether it was sent to see if a resting endpoint is back. */
  readonly probe: boolean;
}

/** What changed, for those who want to know. */
export type HealthChange = 'paused' | 'disabled' | 'healed' | null;

const HEALTHY = { failureCount: 0, failingSince: null, pausedUntil: null, pauseCount: 0 } as const;

/**
 * What an endpoint's health is after some more attempts. Failures in a row make it rest; after the rest one probe
 * decides between health and a longer rest. When it failed often enough and for long enough, it is disabled.
 */
export function nextHealth(
  health: EndpointHealth,
  outcomes: readonly HealthOutcome[],
  now: number,
  policy: HealthPolicy,
): { readonly health: EndpointHealth; readonly change: HealthChange } {
  let next = health;
  let change: HealthChange = null;
  for (const outcome of outcomes) {
    if (outcome.success) {
      if (next.failureCount === 0 && next.pausedUntil === null) continue;
      change = next.pausedUntil === null ? change : 'healed';
      next = { ...next, ...HEALTHY };
      continue;
    }
    const failed = {
      ...next,
      failureCount: next.failureCount + 1,
      failingSince: next.failingSince ?? now,
    };
    const long = now - failed.failingSince >= policy.disableAfterTime;
    if (next.enabled && failed.failureCount >= policy.disableAfterFailures && long) {
      next = { ...failed, enabled: false, pausedUntil: null };
      change = 'disabled';
    } else if (failed.failureCount >= policy.pauseAfter && (next.pausedUntil === null || outcome.probe)) {
      // What was on its way when the rest began says nothing new.
      const rest = Math.min(policy.maxPause, policy.pause * 2 ** Math.min(next.pauseCount, 30));
      next = { ...failed, pausedUntil: now + rest, pauseCount: next.pauseCount + 1 };
      change = 'paused';
    } else {
      next = failed;
    }
  }
  return { health: next, change };
}
