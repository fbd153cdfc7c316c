import { describe, expect, it } from 'vitest';
import {
  nextHealth,
  type EndpointHealth,
  type HealthOutcome,
} from '../../../lib/delivery/endpoint-health.js';

const POLICY = {
  pauseAfter: 3,
  pause: 1_000,
  maxPause: 5_000,
  disableAfterFailures: 6,
  disableAfterTime: 20_000,
};
const WELL: EndpointHealth = {
  enabled: true,
  failureCount: 0,
  failingSince: null,
  pausedUntil: null,
  pauseCount: 0,
};
const failure: HealthOutcome = { success: false, probe: false };
const probe: HealthOutcome = { success: false, probe: true };
const success: HealthOutcome = { success: true, probe: false };
const times = (count: number, outcome: HealthOutcome) => Array.from({ length: count }, () => outcome);

describe('the health of an endpoint', () => {
  it('counts failures in a row and forgets them with a success', () => {
    const { health } = nextHealth(WELL, [failure, failure], 10, POLICY);
    expect(health).toMatchObject({ failureCount: 2, failingSince: 10, pausedUntil: null });
    expect(nextHealth(health, [success], 20, POLICY)).toEqual({ health: WELL, change: null });
  });

  it('rests after so many, once, whatever was still on its way', () => {
    const { health, change } = nextHealth(WELL, times(8, failure), 10, POLICY);
    expect(change).toBe('paused');
    expect(health).toMatchObject({ failureCount: 8, pausedUntil: 1_010, pauseCount: 1 });
  });

  it('rests longer after each probe that fails, up to a limit', () => {
    let health: EndpointHealth = {
      ...WELL,
      failureCount: 3,
      failingSince: 0,
      pausedUntil: 1_000,
      pauseCount: 1,
    };
    const rests = [1_000, 3_000, 7_000, 12_000].map((now) => {
      ({ health } = nextHealth(health, [probe], now, { ...POLICY, disableAfterFailures: 100 }));
      return (health.pausedUntil ?? 0) - now;
    });
    expect(rests).toEqual([2_000, 4_000, 5_000, 5_000]);
  });

  it('heals with one success and says so only when it rested', () => {
    const resting = nextHealth(WELL, times(3, failure), 10, POLICY).health;
    expect(nextHealth(resting, [success], 2_000, POLICY)).toEqual({ health: WELL, change: 'healed' });
  });

  it('is given up after enough failures and enough time, not after one of the two', () => {
    const failing = { ...WELL, failureCount: 5, failingSince: 0, pausedUntil: 1, pauseCount: 2 };
    expect(nextHealth(failing, [probe], 19_999, POLICY).change).toBe('paused');
    expect(nextHealth({ ...failing, failureCount: 4 }, [probe], 30_000, POLICY).change).toBe('paused');
    const { health, change } = nextHealth(failing, [probe], 20_000, POLICY);
    expect(change).toBe('disabled');
    expect(health).toMatchObject({ enabled: false, failureCount: 6 });
  });
});
