import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { DeliveryQueue, QueuedDelivery } from './delivery.queue.js';
import { takeDueDeliveries } from './take-due-deliveries.js';

/** What the feeder asks of those who send in this process. */
export interface FeederLanes {
  full(): readonly string[];
  hasRoom(webhookId: string): boolean;
}

/** Milliseconds between looks when nothing is known to wait: how late a retry may be. */
const INTERVAL = 1_000;
/** Milliseconds between looks while deliveries are known to wait for room in the queue. */
const BUSY_INTERVAL = 20;
/** Deliveries of one look. */
const BATCH = 500;
/** Jobs in the queue that nobody has begun; with more, nothing is added. The queue is a window over the database. */
const WINDOW = 50;
/** Milliseconds to wait for the queue's answer while events are locked: what would wait longer goes through the database. */
const ROOM_PATIENCE = 100;
const NONE: ReadonlySet<string> = new Set();

/**
 * Puts deliveries into the queue: new ones for which there was no room when they were made, retries when they are due,
 * and those whose job was lost with the queue or whose worker died. The database alone knows what is due, so any
 * number may wait there without filling the queue or a process.
 */
export class DeliveryFeeder {
  private readonly logger = new Logger(DeliveryFeeder.name);
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;
  private wokenMeanwhile = false;
  private stopped = true;
  private failing = false;
  /** Webhooks of which deliveries wait in the database for room, as far as is known; `'any'` may have some. */
  private behind: ReadonlySet<string> | 'any' = NONE;

  constructor(
    private readonly dataSource: DataSource,
    private readonly queue: DeliveryQueue,
    private readonly lanes: FeederLanes,
  ) {}

  /** Begins to look. */
  start(): void {
    this.stopped = false;
    this.look();
  }

  /** Finishes the batch at hand and stops. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.working;
  }

  /** Looks now instead of at the next interval; in a process that does not deliver it wakes one that does. */
  wake(): void {
    if (this.stopped) {
      this.queue.wake();
      return;
    }
    if (this.working === undefined) this.look();
    else this.wokenMeanwhile = true;
  }

  /** A webhook has room again in this process: of use only when something waits. */
  room(): void {
    if (this.isBehind && !this.stopped) this.wake();
  }

  /** Those of these webhooks whose new deliveries can go straight into the queue, instead of behind others that wait. */
  async withRoom(webhookIds: Iterable<string>): Promise<ReadonlySet<string>> {
    const { behind, lanes } = this;
    if (this.stopped || behind === 'any') return NONE;
    const free = [...webhookIds].filter((id) => !behind.has(id) && lanes.hasRoom(id));
    return free.length > 0 && (await this.queue.waiting(ROOM_PATIENCE)) < WINDOW ? new Set(free) : NONE;
  }

  /** Puts deliveries into the queue that were made with room for them. */
  add(deliveries: readonly QueuedDelivery[]): Promise<void> {
    return this.queue.add(deliveries);
  }

  /** Puts one into the queue that goes although its endpoint rests. */
  addThroughRest(delivery: QueuedDelivery): Promise<void> {
    return this.queue.add([delivery], true);
  }

  private get isBehind(): boolean {
    return this.behind === 'any' || this.behind.size > 0;
  }

  private look(): void {
    clearTimeout(this.timer);
    this.working = this.feed().finally(() => {
      this.working = undefined;
      if (this.stopped) return;
      if (this.wokenMeanwhile) {
        this.wokenMeanwhile = false;
        this.look();
      } else {
        this.timer = setTimeout(() => this.look(), this.isBehind ? BUSY_INTERVAL : INTERVAL);
      }
    });
  }

  private async feed(): Promise<void> {
    try {
      do {
        const waiting = await this.queue.waiting();
        this.behind = waiting >= WINDOW && Number.isFinite(waiting) ? 'any' : NONE;
        if (waiting >= WINDOW) return;
        const full = this.lanes.full();
        const { deliveries, more } = await takeDueDeliveries(this.dataSource, BATCH, full);
        await this.queue.add(deliveries);
        this.behind = more ? 'any' : new Set(full);
        if (!more) break;
      } while (!this.stopped);
      this.failing = false;
    } catch (error) {
      if (!this.failing) {
        this.logger.error(
          `Due deliveries cannot be read: ${String(error)}. The next look is in ${INTERVAL} ms.`,
        );
      }
      this.failing = true;
      this.behind = NONE;
    }
  }
}
