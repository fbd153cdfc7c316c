import { FairShare } from './fair-share.js';
import { once, type Release } from './release.js';

/** A {@link FairShare} of places to wait for. */
export class FairPlaces<Holder> {
  private readonly share: FairShare<Holder>;
  /** Those who wait, by holder; holders are in turn. */
  private readonly waiting = new Map<Holder, (() => void)[]>();
  private isOpen = false;

  /** @param total - places */
  constructor(total: number) {
    this.share = new FairShare(total, 1);
  }

  async enter(holder: Holder): Promise<Release> {
    await new Promise<void>((resolve) => {
      this.waiting.set(holder, [...(this.waiting.get(holder) ?? []), resolve]);
      this.give();
    });
    return once(() => {
      this.share.leave(holder);
      this.give();
    });
  }

  /** From now on lets in everybody, as if there were places without end. */
  open(): void {
    this.isOpen = true;
    this.give();
  }

  private give(): void {
    if (this.isOpen) {
      for (const [holder, all] of this.waiting) {
        for (const next of all) {
          this.share.take(holder);
          next();
        }
      }
      this.waiting.clear();
      return;
    }
    for (let holder; (holder = this.share.first(this.waiting.keys())) !== undefined;) {
      const [next, ...others] = this.waiting.get(holder) ?? [];
      this.waiting.delete(holder);
      if (others.length > 0) this.waiting.set(holder, others);
      this.share.take(holder);
      next?.();
    }
  }
}
