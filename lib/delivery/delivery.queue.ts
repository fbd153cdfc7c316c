import { Logger } from '@nestjs/common';
import { Worker, type Job, type Queue, type WorkerOptions } from 'bullmq';

/** A delivery as the queue knows it. */
export interface QueuedDelivery {
  readonly id: string;
  readonly webhookId: string;
}

/** A job: it names deliveries of one webhook, or only wakes the relay. */
export interface WebhookJob {
  readonly webhookId?: string;
  readonly deliveryIds?: readonly string[];
  /** They go although the endpoint rests. */
  readonly throughRest?: boolean;
}

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
/** One wake-up waits at most, whoever asks; one that comes while another is worked on follows it. */
const WAKE_OPTIONS = { ...JOB_OPTIONS, deduplication: { id: WAKE, keepLastIfActive: true } } as const;
const WORKER_OPTIONS = { removeOnComplete: { count: 0 }, removeOnFail: { count: 0 } } as const;

/** Deliveries that one job names at most. */
const PER_JOB = 50;
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

  /**
   * Adds jobs for deliveries, those of one webhook together. Never throws: what is not added is found by polling.
   *
   * @param throughRest - whether they go although their endpoint rests
   */
  async add(deliveries: readonly QueuedDelivery[], throughRest = false): Promise<void> {
    if (deliveries.length === 0) return;
    const jobs: WebhookJob[] = [];
    const open = new Map<string, { deliveryIds: string[] }>();
    for (const { id, webhookId } of deliveries) {
      const job = open.get(webhookId);
      if (job !== undefined && job.deliveryIds.length < PER_JOB) {
        job.deliveryIds.push(id);
        continue;
      }
      const started = { webhookId, deliveryIds: [id], ...(throughRest ? { throughRest } : {}) };
      jobs.push(started);
      open.set(webhookId, started);
    }
    await this.attempt(
      this.backend.queue.addBulk(jobs.map((data) => ({ name: DELIVER, data, opts: JOB_OPTIONS }))),
    );
  }

  /**
   * Jobs that no worker has begun; infinitely many while the queue cannot tell.
   *
   * @param patience - milliseconds to wait for the answer
   */
  async waiting(patience = PATIENCE): Promise<number> {
    // By priority, of which there is one: the count by state is 0 in PostgreSQL while the queue is paused.
    const counted = this.backend.queue.getCountsPerPriority([0]);
    const counts = await Promise.race([counted.catch(() => undefined), delay(patience)]);
    return counts?.['0'] ?? Number.POSITIVE_INFINITY;
  }

  /** Lets no worker of any process take jobs until {@link resume}; those that were begun are finished. */
  pause(): Promise<void> {
    return this.backend.queue.pause();
  }

  /** Lets workers take jobs again. */
  resume(): Promise<void> {
    return this.backend.queue.resume();
  }

  /** Whether sending is paused; `undefined` while the queue cannot tell. */
  async isPaused(): Promise<boolean | undefined> {
    const asked = this.backend.queue.isPaused();
    return Promise.race([asked.catch(() => undefined), delay(PATIENCE).then(() => undefined)]);
  }

  /** Wakes a relay in some worker process. One signal at a time: those that come meanwhile become one more. */
  wake(): void {
    if (this.waking) {
      this.wakeAgain = true;
      return;
    }
    this.waking = true;
    void this.attempt(this.backend.queue.add(WAKE, {}, WAKE_OPTIONS)).finally(() => {
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

  /**
   * Starts taking jobs.
   *
   * @param concurrency - jobs at a time
   */
  async start(
    deliver: (webhookId: string, deliveryIds: readonly string[], throughRest: boolean) => Promise<void>,
    concurrency: number,
  ): Promise<void> {
    this.worker = this.backend.createWorker(
      async ({ data: { webhookId, deliveryIds = [], throughRest = false } }) => {
        if (webhookId === undefined) for (const listener of this.wakeListeners) listener();
        else await deliver(webhookId, deliveryIds, throughRest);
      },
      { concurrency, ...WORKER_OPTIONS },
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

function delay(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), milliseconds).unref());
}
