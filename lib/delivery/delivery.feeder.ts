import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { DeliveryQueue } from './delivery.queue.js';
import { takeDueDeliveries } from './take-due-deliveries.js';

/** Milliseconds between looks: how late a retry may be. */
const INTERVAL = 1_000;
const BATCH = 500;

/**
 * Puts deliveries into the queue when their retry is due, and again when their job was lost with the queue or their
 * worker died. The database alone knows what is due.
 */
export class DeliveryFeeder {
  private readonly logger = new Logger(DeliveryFeeder.name);
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;
  private stopped = true;
  private failing = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly queue: DeliveryQueue,
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
    clearTimeout(this.timer);
    void this.lookAgain();
  }

  private async lookAgain(): Promise<void> {
    await this.working;
    clearTimeout(this.timer);
    if (!this.stopped) this.look();
  }

  private look(): void {
    this.working = this.feed().finally(() => {
      if (!this.stopped) this.timer = setTimeout(() => this.look(), INTERVAL);
    });
  }

  private async feed(): Promise<void> {
    try {
      let ids;
      do {
        ids = await takeDueDeliveries(this.dataSource, BATCH);
        await this.queue.add(ids);
      } while (ids.length === BATCH && !this.stopped);
      this.failing = false;
    } catch (error) {
      if (!this.failing) {
        this.logger.error(
          `Due deliveries cannot be read: ${String(error)}. The next look is in ${INTERVAL} ms.`,
        );
      }
      this.failing = true;
    }
  }
}
