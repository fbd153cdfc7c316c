import { Inject, Injectable } from '@nestjs/common';
import { DeliveryQueue } from '../delivery/delivery.queue.js';
import { AdminError } from './admin.error.js';
import { AdminReads } from './admin-reads.js';
import { COUNT_LIMIT, type QueueState } from './queries/read-queue.js';

/** Milliseconds to wait for the store of the queue. */
const PATIENCE = 3_000;

/** What waits, and whether anything is sent. */
export interface QueueView extends QueueState {
  /** `null` while the queue's store cannot be reached. */
  readonly paused: boolean | null;
  /** Counts go no further: one that is equal to it means "at least". */
  readonly countLimit: number;
}

/** Stops and starts sending, for all processes. */
@Injectable()
export class QueueControl {
  constructor(
    @Inject(DeliveryQueue) private readonly queue: DeliveryQueue,
    private readonly reads: AdminReads,
  ) {}

  async view(): Promise<QueueView> {
    const [state, paused] = await Promise.all([this.reads.queue(), this.queue.isPaused()]);
    return { ...state, paused: paused ?? null, countLimit: COUNT_LIMIT };
  }

  /** @throws AdminError `WEBHOOKS_QUEUE_UNREACHABLE` */
  pause(): Promise<QueueView> {
    return this.change(() => this.queue.pause());
  }

  /** @throws AdminError `WEBHOOKS_QUEUE_UNREACHABLE` */
  resume(): Promise<QueueView> {
    return this.change(() => this.queue.resume());
  }

  private async change(act: () => Promise<void>): Promise<QueueView> {
    try {
      await inTime(act());
    } catch (cause) {
      throw new AdminError(
        503,
        'WEBHOOKS_QUEUE_UNREACHABLE',
        'The queue could not be paused or resumed: its store cannot be reached. Nothing is lost meanwhile. Look at the ' +
          'state again when it is back, since the request may still arrive there, and repeat it if need be.',
        undefined,
        { cause },
      );
    }
    return this.view();
  }
}

/** A store that is away does not refuse commands: they wait for it to come back. */
async function inTime(done: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE} ms`)), PATIENCE);
  });
  done.catch(() => undefined);
  await Promise.race([done, late]).finally(() => clearTimeout(timer));
}
