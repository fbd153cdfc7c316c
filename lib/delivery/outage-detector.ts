import type { Clock } from '../common/clock.js';

/** Milliseconds for which an outcome tells something. */
const WINDOW = 60_000;
/** Origins, and webhooks, that must have been tried: with fewer, failures are more likely theirs. */
const MIN_TRIED = 3;
/** More than this share of them. */
const MOST = 0.5;
const MAX_KNOWN = 10_000;

/**
 * Notices when connections to most origins fail at once, and those of most webhooks. Then the cause is most likely on
 * this side, and no endpoint is judged by it. Both are asked for, since the URL of one webhook may lead to many origins,
 * and many webhooks to one: neither speaks for the network.
 */
export class OutageDetector {
  private readonly origins: Outcomes;
  private readonly webhooks: Outcomes;

  /** @param clock - any clock that does not jump */
  constructor(clock: Clock = () => performance.now()) {
    this.origins = new Outcomes(clock);
    this.webhooks = new Outcomes(clock);
  }

  /**
   * Takes note of an attempt.
   *
   * @param connected - whether the other side answered anything at all
   */
  report(origin: string, webhookId: string, connected: boolean): void {
    this.origins.report(origin, connected);
    this.webhooks.report(webhookId, connected);
  }

  /** Whether most that were tried in the last minute could not be reached. */
  get suspected(): boolean {
    return this.origins.mostFail && this.webhooks.mostFail;
  }
}

/** The last outcome of each key. */
class Outcomes {
  /** Oldest first. */
  private readonly outcomes = new Map<string, { readonly connected: boolean; readonly at: number }>();
  private failing = 0;

  constructor(private readonly clock: Clock) {}

  report(key: string, connected: boolean): void {
    this.forget(key);
    this.outcomes.set(key, { connected, at: this.clock() });
    if (!connected) this.failing += 1;
    if (this.outcomes.size > MAX_KNOWN) this.expire(Number.POSITIVE_INFINITY, 1);
  }

  get mostFail(): boolean {
    this.expire(this.clock() - WINDOW, Number.POSITIVE_INFINITY);
    return this.outcomes.size >= MIN_TRIED && this.failing > this.outcomes.size * MOST;
  }

  private expire(before: number, limit: number): void {
    let left = limit;
    for (const [key, { at }] of this.outcomes) {
      if (at >= before || left-- <= 0) return;
      this.forget(key);
    }
  }

  private forget(key: string): void {
    const known = this.outcomes.get(key);
    if (known === undefined) return;
    if (!known.connected) this.failing -= 1;
    this.outcomes.delete(key);
  }
}
