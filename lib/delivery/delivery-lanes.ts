import { Logger } from '@nestjs/common';
import { FairPlaces } from './fair-places.js';
import { FairShare } from './fair-share.js';
import { once, type Release } from './release.js';

/** How much goes on at a time. */
export interface LaneLimits {
  /** Requests on their way. */
  readonly sending: number;
  /** Requests on their way to one webhook. */
  readonly sendingPerWebhook: number;
}

interface Waiting {
  readonly id: string;
  throughRest: boolean;
  /** Ends the part of a job that stands for it. */
  settle: (() => void) | undefined;
  /** It is worked on. */
  begun: boolean;
  /** It came again since it was begun: what made it due may be newer than what was read then. */
  again: Waiting | undefined;
}

interface Lane {
  readonly webhookId: string;
  readonly waiting: Waiting[];
  readonly senders: (() => void)[];
  /** Requests on their way, or about to be. */
  sending: number;
  /** Requests allowed at a time: fewer after the endpoint said that it is overloaded. */
  limit: number;
}

/** Deliveries of one webhook that wait here before no more of them are asked for. */
const ENOUGH_WAITING = 250;
/** Those that wait here at most, with what was asked for before there were enough; more are given back. */
const MAX_WAITING = 1_000;
/** Deliveries worked on for each request on its way: the others are loaded, locked or recorded meanwhile. */
const DEPTH = 8;

/**
 * Shares this process among webhooks: each has a lane, the lane with the least goes first, and a lane that is at its
 * limit holds up nobody else. Limits are for requests on their way; statements before and after them run beside.
 */
export class DeliveryLanes {
  /** Lanes for a service that sends. */
  static of(
    service: {
      deliver(id: string, places: DeliveryLanes, throughRest: boolean): Promise<void>;
      giveBack(ids: readonly string[]): Promise<void>;
    },
    limits: LaneLimits,
  ): DeliveryLanes {
    const logger = new Logger('Webhooks');
    const lanes = new DeliveryLanes(
      limits,
      async (id, _, throughRest) => {
        try {
          await service.deliver(id, lanes, throughRest);
        } catch (error) {
          // The database says when it comes back; nothing is lost with a job.
          logger.error(`Delivery ${id} is left for later: ${String(error)}`);
        }
      },
      async (ids) => {
        try {
          await service.giveBack(ids);
        } catch (error) {
          logger.error(`${ids.length} deliveries are left for later: ${String(error)}`);
        }
      },
    );
    return lanes;
  }

  private readonly lanes = new Map<string, Lane>();
  private readonly known = new Map<string, Waiting>();
  /** Lanes with somebody waiting, in turn. */
  private readonly turn = new Set<Lane>();
  private readonly roomListeners = new Set<() => void>();
  /** Deliveries being worked on. */
  private readonly work: FairShare<Lane>;
  /** Requests on their way. */
  private readonly places: FairPlaces<Lane>;
  private stopped = false;
  private idle: (() => void) | undefined;

  /**
   * @param run - does all there is to do for one delivery; must not reject
   * @param giveBack - leaves deliveries to whoever takes them next
   */
  constructor(
    private readonly limits: LaneLimits,
    private readonly run: (id: string, webhookId: string, throughRest: boolean) => Promise<void>,
    private readonly giveBack: (ids: readonly string[]) => Promise<void>,
  ) {
    this.work = new FairShare(limits.sending * DEPTH, DEPTH);
    this.places = new FairPlaces(limits.sending);
  }

  /** Whether nothing more is to be sent. */
  get isStopped(): boolean {
    return this.stopped;
  }

  /** Calls `listener` when a lane can take more. */
  onRoom(listener: () => void): void {
    this.roomListeners.add(listener);
  }

  /**
   * Takes deliveries of one webhook. Resolves when each is done, given back, or waits only for its own webhook: those
   * who call hold places that others need.
   *
   * @param throughRest - whether they go although their endpoint rests
   */
  async add(webhookId: string, ids: readonly string[], throughRest = false): Promise<void> {
    const lane = this.lane(webhookId);
    const fresh = ids.filter((id) => !this.isAhead(id, throughRest));
    const room = this.stopped ? 0 : Math.max(0, MAX_WAITING - lane.waiting.length);
    const over = fresh.slice(room);
    const settled = fresh.slice(0, room).map(
      (id) =>
        new Promise<void>((settle) => {
          this.take(lane, { id, throughRest, settle, begun: false, again: undefined });
        }),
    );
    if (lane.waiting.length > 0) this.turn.add(lane);
    this.pump();
    this.settleBlocked(lane);
    this.tidy(lane);
    if (over.length > 0) settled.push(this.giveBack(over));
    await Promise.all(settled);
  }

  /** Webhooks of which more would only wait. */
  full(): string[] {
    return [...this.lanes.values()]
      .filter(({ waiting }) => waiting.length >= ENOUGH_WAITING)
      .map(({ webhookId }) => webhookId);
  }

  /** Whether this webhook has room for some more. */
  hasRoom(webhookId: string): boolean {
    return !this.stopped && (this.lanes.get(webhookId)?.waiting.length ?? 0) < ENOUGH_WAITING;
  }

  /** Waits for a place among the requests to this webhook; the job does not wait with it. */
  async enterLane(webhookId: string, id: string): Promise<Release> {
    const lane = this.lane(webhookId);
    if (lane.sending >= lane.limit && !this.stopped) {
      this.known.get(id)?.settle?.();
      await new Promise<void>((resolve) => lane.senders.push(resolve));
    } else lane.sending += 1;
    return once(() => {
      lane.sending -= 1;
      while (lane.sending < lane.limit && lane.senders.length > 0) {
        lane.sending += 1;
        lane.senders.shift()?.();
      }
      this.tidy(lane);
    });
  }

  /** Waits for a place among all requests, for one that has a place in its lane. */
  enterAll(webhookId: string): Promise<Release> {
    return this.places.enter(this.lane(webhookId));
  }

  /** Sends one at a time to this webhook, or doubles what is sent at a time up to the limit. */
  adapt(webhookId: string, overloaded: boolean): void {
    const lane = this.lanes.get(webhookId);
    if (lane === undefined) return;
    lane.limit = overloaded ? 1 : Math.min(this.limits.sendingPerWebhook, lane.limit * 2);
  }

  /**
   * Takes nothing more, gives back what waits, and resolves when all that was begun is done. Those that wait for a place
   * have it at once, to find that they are not to be sent.
   */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const lane of this.lanes.values()) {
      lane.sending += lane.senders.length;
      for (const enter of lane.senders.splice(0)) enter();
    }
    this.places.open();
    const waiting = [...this.lanes.values()].flatMap((lane) => lane.waiting.splice(0));
    this.turn.clear();
    for (const { id } of waiting) this.known.delete(id);
    if (waiting.length > 0) await this.giveBack(waiting.map(({ id }) => id));
    for (const { settle } of waiting) settle?.();
    if (this.work.taken > 0) await new Promise<void>((resolve) => (this.idle = resolve));
  }

  /** Whether a delivery is to be looked at anyway; then it goes through a rest for whoever asks. */
  private isAhead(id: string, throughRest: boolean): boolean {
    const known = this.known.get(id);
    const next = known?.begun === true ? known.again : known;
    if (next === undefined) return false;
    next.throughRest ||= throughRest;
    return true;
  }

  private take(lane: Lane, waiting: Waiting): void {
    const begun = this.known.get(waiting.id);
    if (begun !== undefined) {
      begun.again = waiting;
      return;
    }
    this.known.set(waiting.id, waiting);
    lane.waiting.push(waiting);
  }

  private pump(): void {
    for (let lane; (lane = this.work.first(this.turn)) !== undefined;) {
      this.turn.delete(lane);
      if (this.work.of(lane) >= lane.limit * DEPTH) {
        this.settleBlocked(lane);
        continue;
      }
      const next = lane.waiting.shift();
      if (next === undefined) continue;
      if (lane.waiting.length > 0) this.turn.add(lane);
      void this.begin(lane, next);
    }
  }

  private async begin(lane: Lane, delivery: Waiting): Promise<void> {
    const { id } = delivery;
    this.work.take(lane);
    delivery.begun = true;
    try {
      await this.run(id, lane.webhookId, delivery.throughRest);
      if (this.stopped && delivery.again !== undefined) await this.giveBack([id]);
    } finally {
      this.work.leave(lane);
      this.known.delete(id);
      delivery.settle?.();
      if (delivery.again !== undefined) {
        if (this.stopped) delivery.again.settle?.();
        else this.take(lane, delivery.again);
      }
      if (lane.waiting.length > 0) this.turn.add(lane);
      this.pump();
      this.settleBlocked(lane);
      if (lane.waiting.length <= ENOUGH_WAITING / 2) for (const listener of this.roomListeners) listener();
      this.tidy(lane);
      if (this.work.taken === 0) this.idle?.();
    }
  }

  private settleBlocked(lane: Lane): void {
    if (this.work.of(lane) < lane.limit * DEPTH && !this.work.isRationed(lane)) return;
    // Those before one that was settled were settled with it.
    for (let last = lane.waiting.length - 1; last >= 0; last--) {
      const waiting = lane.waiting[last];
      if (waiting?.settle === undefined) return;
      waiting.settle();
      waiting.settle = undefined;
    }
  }

  private lane(webhookId: string): Lane {
    let lane = this.lanes.get(webhookId);
    if (lane === undefined) {
      lane = {
        webhookId,
        waiting: [],
        senders: [],
        sending: 0,
        limit: this.limits.sendingPerWebhook,
      };
      this.lanes.set(webhookId, lane);
    }
    return lane;
  }

  /** Forgets a lane that has nothing to do and nothing to remember. */
  private tidy(lane: Lane): void {
    const busy = this.work.of(lane) + lane.sending + lane.waiting.length > 0;
    if (!busy && lane.limit === this.limits.sendingPerWebhook) this.lanes.delete(lane.webhookId);
  }
}
