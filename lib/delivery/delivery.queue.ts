import { Logger } from '@nestjs/common';
import { Worker, type Job, type Queue, type WorkerOptions } from 'bullmq';

/** A job: it names a delivery, or only wakes the relay. */
export type WebhookJob = { readonly deliveryId?: string };

/** What BullMQ needs for one backend: the queue, and a worker on the same store. */
export interface QueueBackend {
  readonly queue: Queue;
  createWorker(
    process: (job: Job<WebhookJob>) => Promise<void>,
    options: Omit<WorkerOptions, 'connection'>,
  ): Worker;
  /** Closes what is not closed by someone else. */
  close(): Promise<void>;
}

const DELIVER = 'deliver';
const WAKE = 'wake';
const JOB_OPTIONS = { removeOnComplete: true, removeOnFail: true, attempts: 1 } as const;

/** Milliseconds to wait for a queue that does not answer, before polling is left to find the work. */
const PATIENCE = 2_000;

/**
 * The queue between those who make deliveries and those who send them. It carries ids only and may lose them: what is
 * to be done stands in the database.
 */
export class DeliveryQueue {
  private readonly logger = new Logger(DeliveryQueue.name);
  private readonly wakeListeners = new Set<() => void>();
  private worker: Worker | undefined;
  private waking = false;
  private wakeAgain = false;
  private reachable = true;

  constructor(private readonly backend: QueueBackend) {
    backend.queue.on('error', (error) => this.report(error));
  }

  /** Adds a job for each delivery. Never throws: what is not added is found by polling. */
  async add(deliveryIds: readonly string[]): Promise<void> {
    if (deliveryIds.length === 0) return;
    await this.attempt(
      this.backend.queue.addBulk(
        deliveryIds.map((deliveryId) => ({ name: DELIVER, data: { deliveryId }, opts: JOB_OPTIONS })),
      ),
    );
  }

  /** Wakes a relay in some worker process. One signal at a time: those that come meanwhile become one more. */
  wake(): void {
    if (this.waking) {
      this.wakeAgain = true;
      return;
    }
    this.waking = true;
    void this.attempt(this.backend.queue.add(WAKE, {}, JOB_OPTIONS)).finally(() => {
      this.waking = false;
      if (!this.wakeAgain) return;
      this.wakeAgain = false;
      this.wake();
    });
  }

  /** Calls `listener` when another process asks for the relay. */
  onWake(listener: () => void): void {
    this.wakeListeners.add(listener);
  }

  /** Starts taking jobs. */
  async start(deliver: (deliveryId: string) => Promise<void>, concurrency: number): Promise<void> {
    this.worker = this.backend.createWorker(
      async (job) => {
        if (job.data.deliveryId === undefined) for (const listener of this.wakeListeners) listener();
        else await deliver(job.data.deliveryId);
      },
      { concurrency, ...JOB_OPTIONS_OF_WORKER },
    );
    this.worker.on('error', (error) => this.report(error));
    await Promise.race([this.worker.waitUntilReady().catch(() => undefined), delay(PATIENCE)]);
  }

  /** Stops taking jobs and waits for those that were begun. */
  async stop(): Promise<void> {
    await this.worker?.close();
    this.worker = undefined;
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    await this.backend.close();
  }

  private async attempt(adding: Promise<unknown>): Promise<void> {
    try {
      const answered = await Promise.race([adding.then(() => true), delay(PATIENCE).then(() => false)]);
      if (!answered) return this.report(new Error(`no answer within ${PATIENCE} ms`));
      if (!this.reachable) this.logger.log('The queue can be reached again.');
      this.reachable = true;
    } catch (error) {
      this.report(error);
    } finally {
      // An add that is still waiting for its connection may fail later; it was reported here.
      adding.catch(() => undefined);
    }
  }

  private report(error: unknown): void {
    if (!this.reachable) return;
    this.reachable = false;
    this.logger.warn(
      `The queue cannot be reached (${String(error)}). Nothing is lost: deliveries wait in the database and go out when it is back.`,
    );
  }
}

const JOB_OPTIONS_OF_WORKER = { removeOnComplete: { count: 0 }, removeOnFail: { count: 0 } } as const;

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
