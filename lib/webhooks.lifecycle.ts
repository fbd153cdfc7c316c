import type {
  BeforeApplicationShutdown,
  OnApplicationBootstrap,
  OnApplicationShutdown,
  OnModuleInit,
} from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { DeliveryFeeder } from './delivery/delivery.feeder.js';
import type { DeliveryLanes } from './delivery/delivery-lanes.js';
import type { DeliveryQueue } from './delivery/delivery.queue.js';
import type { DeliveryService } from './delivery/delivery.service.js';
import type { EventRelay } from './dispatch/event.relay.js';
import type { HttpSender } from './http/http-sender.js';
import { checkSchema } from './model/schema-check.js';
import type { CommitSignal } from './outbox/commit-signal.js';
import { loadTraceApi } from './outbox/current-traceparent.js';
import type { RetentionJob } from './outbox/retention.job.js';
import type { WebhookRegistry } from './registry/webhook-registry.js';
import type { WebhookSecretsService } from './webhooks/secrets.service.js';

/** Milliseconds that a stopping process waits for the database and the queue's store to end what they were asked. */
const ANSWER_TIME = 5_000;

/** What is started and stopped, in an order that does not depend on the order of imports. */
export interface LifecycleParts {
  readonly dataSource: DataSource;
  readonly registry: WebhookRegistry;
  readonly signal: CommitSignal;
  readonly queue: DeliveryQueue;
  readonly relay: EventRelay;
  readonly feeder: DeliveryFeeder;
  readonly lanes: DeliveryLanes;
  readonly deliveries: DeliveryService;
  readonly sender: HttpSender;
  readonly retention: RetentionJob;
  readonly secrets: WebhookSecretsService;
  /** Whether this process dispatches and delivers. */
  readonly worker: boolean;
  /** Jobs at a time. */
  readonly concurrency: number;
  /** Milliseconds that a stopping process waits for requests on their way. */
  readonly shutdownTimeout: number;
}

/** Starts the parts with the application and stops them before its connections close. */
export class WebhooksLifecycle
  implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  constructor(private readonly parts: LifecycleParts) {}

  async onModuleInit(): Promise<void> {
    await checkSchema(this.parts.dataSource);
    await this.parts.secrets.checkKeys();
    await loadTraceApi();
    await this.parts.registry.start();
  }

  async onApplicationBootstrap(): Promise<void> {
    const { signal, queue, relay, feeder, lanes, retention, worker, concurrency } = this.parts;
    if (!worker) {
      signal.subscribe(() => queue.wake());
      return;
    }
    signal.subscribe(() => relay.wake());
    queue.onWake(() => {
      relay.wake();
      feeder.wake();
    });
    lanes.onRoom(() => feeder.room());
    await queue.start((...job) => lanes.add(...job), concurrency);
    relay.start();
    feeder.start();
    retention.start();
  }

  /**
   * Data sources and queues close after every module's hook of this kind has run. Nothing is waited for without end: what
   * a store does not answer is rolled back with its connection, and what is locked is free again when its lock runs out.
   */
  async beforeApplicationShutdown(): Promise<void> {
    const { queue, relay, feeder, lanes, deliveries, retention, sender, shutdownTimeout } = this.parts;
    await endsWithin(Promise.all([relay.stop(), feeder.stop(), retention.stop()]), ANSWER_TIME);
    deliveries.stop();
    // Jobs end when their deliveries do, so both are waited for together.
    const ending = Promise.all([queue.stop(), lanes.stop()]);
    if (!(await endsWithin(ending, shutdownTimeout))) {
      await sender.close();
      await endsWithin(ending, ANSWER_TIME);
    }
    await sender.close();
  }

  async onApplicationShutdown(): Promise<void> {
    this.parts.registry.stop();
    await this.parts.queue.close();
  }
}

async function endsWithin(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  const inTime = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}
