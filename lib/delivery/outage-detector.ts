import type { Clock } from '../common/clock.js';

/** Milliseconds for which an outcome tells something. */
const WINDOW = 60_000;
/** Origins that must have been tried: with fewer, failures are more likely theirs. */
const MIN_ORIGINS = 3;
/** More than this share of them. */
const MOST = 0.5;
const MAX_ORIGINS = 10_000;

/**
 * Notices when connections to most origins fail at once. Then the cause is most likely on this side, and no endpoint
 * is judged by it.
 */
export class OutageDetector {
  /** The last outcome of each origin, oldest first. */
  private readonly outcomes = new Map<string, { readonly connected: boolean; readonly at: number }>();
  private failing = 0;

  /** @param clock - any clock that does not jump */
  constructor(private readonly clock: Clock = () => performance.now()) {}

  /**
   * Takes note of an attempt.
   *
   * @param connected - whether the other side answered anything at all
   */
  report(origin: string, connected: boolean): void {
    this.forget(origin);
    this.outcomes.set(origin, { connected, at: this.clock() });
    if (!connected) this.failing += 1;
    if (this.outcomes.size > MAX_ORIGINS) this.expire(Number.POSITIVE_INFINITY, 1);
  }

  /** Whether most origins tried in the last minute could not be reached. */
  get suspected(): boolean {
    this.expire(this.clock() - WINDOW, Number.POSITIVE_INFINITY);
    return this.outcomes.size >= MIN_ORIGINS && this.failing > this.outcomes.size * MOST;
  }

  private expire(before: number, limit: number): void {
    let left = limit;
    for (const [origin, { at }] of this.outcomes) {
      if (at >= before || left-- <= 0) return;
      this.forget(origin);
    }
  }

  private forget(origin: string): void {
    const known = this.outcomes.get(origin);
    if (known === undefined) return;
    if (!known.connected) this.failing -= 1;
    this.outcomes.delete(origin);
  }
}
