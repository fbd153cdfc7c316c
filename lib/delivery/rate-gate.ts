import type { DataSource } from 'typeorm';
import { Grouped } from '../common/grouped.js';
import type { Webhook } from '../model/webhook.entity.js';
import { takeRateSlots, type RateLimit } from './take-rate-slots.js';

/** Share of the period by which a request may miss its time. */
const TOLERANCE = 0.05;
/** Slots taken by one statement. */
const GROUP = 100;

type Slots = Grouped<undefined, number | undefined>;

/** Lets requests pass at the pace that a webhook asks for. */
export class RateGate {
  private readonly gates = new Map<string, { readonly limit: RateLimit; readonly slots: Slots }>();

  constructor(private readonly dataSource: DataSource) {}

  /**
   * Waits for the time at which a request may go; takes another one when `enter` took so long that the time is over.
   *
   * @param enter - waits for whatever else the request needs; gives what undoes it
   * @returns `undefined` when the next free time is too far ahead
   */
  async pass(webhook: Webhook, enter: () => Promise<() => void>): Promise<(() => void) | undefined> {
    const { id, rateLimit, ratePeriod } = webhook;
    if (rateLimit === null) return enter();
    const slots = this.slots(id, { rateLimit, ratePeriod });
    for (;;) {
      const began = performance.now();
      const wait = await slots.add(undefined);
      if (wait === undefined) return undefined;
      const at = began + wait;
      await new Promise((resolve) => setTimeout(resolve, Math.ceil(wait)));
      const leave = await enter();
      // Statements take time: what counts is by how much the request is later than those around it.
      if (performance.now() - at <= Math.max(25, ratePeriod * TOLERANCE)) return leave;
      leave();
    }
  }

  private slots(id: string, limit: RateLimit): Slots {
    const known = this.gates.get(id);
    if (known?.limit.rateLimit === limit.rateLimit && known.limit.ratePeriod === limit.ratePeriod)
      return known.slots;
    const slots: Slots = new Grouped(async (asked) => {
      const taken = await takeRateSlots(this.dataSource, id, limit, asked.length);
      return asked.map((_, index) => taken[index]);
    }, GROUP);
    this.gates.set(id, { limit, slots });
    return slots;
  }
}
