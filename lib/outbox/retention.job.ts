import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { deleteOldDeliveries, deleteOldEvents } from './retention-batches.js';

/** How long finished rows are kept, in milliseconds; `false` keeps them. */
export interface RetentionTimes {
  readonly deliveries: number | false;
  readonly events: number | false;
}

/** Milliseconds between runs; every worker adds some at random, so that they take turns. */
const INTERVAL = 60_000;
/** Milliseconds between batches: deleting must not keep others waiting. */
const PAUSE = 50;

/** Deletes what is older than the application keeps, in small batches. Any number of workers may do so at once. */
export class RetentionJob {
  private readonly logger = new Logger(RetentionJob.name);
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> = Promise.resolve();
  private stopped = true;
  private stopping = false;

  /** @param beside - other housekeeping that is done with each run: each does some, and gives how many, 0 when none is left */
  constructor(
    private readonly dataSource: DataSource,
    private readonly times: RetentionTimes,
    private readonly beside: readonly (() => Promise<number>)[] = [],
  ) {}

  /** Begins; the first run is a while after the start. */
  start(): void {
    this.stopped = false;
    this.schedule();
  }

  /** Finishes the batch at hand and stops. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.stopping = true;
    clearTimeout(this.timer);
    await this.working;
  }

  /** Deletes all that is due now, behind the other housekeeping. Gives how many deliveries and events that were. */
  async run(): Promise<{ deliveries: number; events: number }> {
    for (const batch of this.beside) {
      await this.repeat(batch).catch((error: unknown) => {
        this.logger.warn(`Deliveries could not be tidied up: ${String(error)}. The next try is in a minute.`);
      });
    }
    const { deliveries, events } = this.times;
    return {
      deliveries:
        deliveries === false ? 0 : await this.repeat(() => deleteOldDeliveries(this.dataSource, deliveries)),
      events: events === false ? 0 : await this.repeat(() => deleteOldEvents(this.dataSource, events)),
    };
  }

  private schedule(): void {
    this.timer = setTimeout(
      () => {
        this.working = this.runQuietly().finally(() => {
          if (!this.stopped) this.schedule();
        });
      },
      INTERVAL * (1 + Math.random() / 2),
    );
    this.timer.unref();
  }

  private async runQuietly(): Promise<void> {
    try {
      const { deliveries, events } = await this.run();
      if (deliveries + events > 0)
        this.logger.debug(`Deleted ${deliveries} old deliveries and ${events} old events.`);
    } catch (error) {
      this.logger.warn(`Old rows could not be deleted: ${String(error)}. The next try is in a minute.`);
    }
  }

  private async repeat(batch: () => Promise<number>): Promise<number> {
    let total = 0;
    for (;;) {
      const count = await batch();
      total += count;
      if (count === 0 || this.stopping) return total;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}
