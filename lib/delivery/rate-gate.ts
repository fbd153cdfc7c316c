import type { DataSource } from 'typeorm';
import { Grouped } from '../common/grouped.js';
import type { Webhook } from '../model/webhook.entity.js';
import { RATE_HORIZON, takeRateSlots, type RateLimit } from './take-rate-slots.js';

/** Share of the period by which a request may miss its time: half of what times are spread further than asked. */
const TOLERANCE = 0.05;
/** Slots taken by one statement. */
const GROUP = 100;

/** A time at which a request may go, or, when none is free, at which it may ask again. */
interface Slot {
  readonly free: boolean;
  /** Milliseconds until then. */
  readonly wait: number;
}

/** Milliseconds until a request asks again at most: the limit may change meanwhile, and the feeder knows what is due. */
const LONGEST_WAIT = 1_000;

/** Webhooks whose times are known at most; those that were deleted would stay for ever. */
const MAX_GATES = 1_000;

type Slots = Grouped<undefined, Slot>;

/** Lets requests pass at the pace that a webhook asks for. */
export class RateGate {
  private readonly gates = new Map<string, { readonly limit: RateLimit; readonly slots: Slots }>();

  constructor(private readonly dataSource: DataSource) {}

  /**
   * Waits for the time at which a request may go, and then for whatever else it needs. When that takes so long that the
   * time is over, it is kept and the request waits for another time: where everything is in use, no request would ever
   * have both otherwise.
   *
   * @param enter - waits for what else is needed; gives what undoes it, or `null` when the request is not to go at all
   * @returns what `enter` gave, or the milliseconds after which to come again when the next free time is too far ahead
   */
  async pass(
    { id, rateLimit, ratePeriod }: Pick<Webhook, 'id' | 'rateLimit' | 'ratePeriod'>,
    enter: () => Promise<(() => void) | null>,
  ): Promise<(() => void) | null | number> {
    if (rateLimit === null) return enter();
    const slots = this.slots(id, { rateLimit, ratePeriod });
    let leave: (() => void) | null | undefined;
    try {
      for (;;) {
        const began = performance.now();
        const { free, wait } = await slots.add(undefined);
        if (!free) {
          leave?.();
          return wait;
        }
        await new Promise((resolve) => setTimeout(resolve, Math.ceil(wait)));
        leave ??= await enter();
        // Statements take time: what counts is by how much the request is later than those around it.
        if (leave === null || performance.now() - began - wait <= ratePeriod * TOLERANCE) return leave;
      }
    } catch (error) {
      leave?.();
      throw error;
    }
  }

  private slots(id: string, limit: RateLimit): Slots {
    const known = this.gates.get(id);
    if (known?.limit.rateLimit === limit.rateLimit && known.limit.ratePeriod === limit.ratePeriod)
      return known.slots;
    // Until then the row of the webhook is not locked only to learn that it is too early.
    let opens = 0;
    const slots: Slots = new Grouped(async (asked) => {
      const closed = opens - performance.now();
      if (closed > 0) return asked.map(() => tooEarly(closed));
      const { waits, next } = await takeRateSlots(this.dataSource, id, limit, asked.length);
      const again = Math.max(0, next - RATE_HORIZON);
      if (waits.length < asked.length) opens = performance.now() + again;
      return asked.map((_, index) => {
        const wait = waits[index];
        return wait === undefined ? tooEarly(again) : { free: true, wait };
      });
    }, GROUP);
    if (this.gates.size >= MAX_GATES) this.gates.clear();
    this.gates.set(id, { limit, slots });
    return slots;
  }
}

function tooEarly(wait: number): Slot {
  return { free: false, wait: Math.min(wait, LONGEST_WAIT) };
}
