import { setImmediate } from 'node:timers/promises';

/** Milliseconds for which work in pieces may hold the event loop. */
const SLICE = 10;

/** Long work that is done in pieces, between which others get the event loop. */
export class SlicedWork {
  private finished = 0;
  private since = performance.now();

  /** Milliseconds of work, without what others took meanwhile. */
  get elapsed(): number {
    return this.finished + performance.now() - this.since;
  }

  /** To be awaited between pieces. */
  async pause(): Promise<void> {
    const held = performance.now() - this.since;
    if (held < SLICE) return;
    this.finished += held;
    await setImmediate();
    this.since = performance.now();
  }
}
