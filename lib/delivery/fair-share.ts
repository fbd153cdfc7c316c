/** Part of the places that is kept for holders that have few. */
const KEPT = 0.1;

/**
 * Places that holders share. A free one goes to whoever of those who wait has the fewest: holders that keep theirs for
 * long end up with no more than an equal part. So that others need not wait even for that, the last tenth of the places
 * is for holders that have few, unless there is one holder only.
 */
export class FairShare<Holder> {
  private readonly held = new Map<Holder, number>();
  private count = 0;

  /**
   * @param total - places
   * @param few - places of a holder below which it may take one of the last
   */
  constructor(
    private readonly total: number,
    private readonly few: number,
  ) {}

  /** Places that are taken. */
  get taken(): number {
    return this.count;
  }

  /** Places that this one has. */
  of(holder: Holder): number {
    return this.held.get(holder) ?? 0;
  }

  /** Whether this one may take no other place although it may be that others can. */
  isRationed(holder: Holder): boolean {
    return this.of(holder) >= this.few && !this.hasRoom(holder);
  }

  /** Who of these is to take the next place, the first of equals; `undefined` when none of them may. */
  first(waiting: Iterable<Holder>): Holder | undefined {
    let first: Holder | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    if (this.count >= this.total) return undefined;
    for (const holder of waiting) {
      const held = this.of(holder);
      if (held >= fewest || !this.hasRoom(holder)) continue;
      [first, fewest] = [holder, held];
      if (held === 0) break;
    }
    return first;
  }

  take(holder: Holder): void {
    this.held.set(holder, this.of(holder) + 1);
    this.count += 1;
  }

  leave(holder: Holder): void {
    const left = this.of(holder) - 1;
    if (left > 0) this.held.set(holder, left);
    else this.held.delete(holder);
    this.count -= 1;
  }

  private hasRoom(holder: Holder): boolean {
    const held = this.of(holder);
    const alone = this.held.size === (held > 0 ? 1 : 0);
    const kept = alone || held < this.few ? 0 : Math.floor(this.total * KEPT);
    return this.count < this.total - kept;
  }
}
