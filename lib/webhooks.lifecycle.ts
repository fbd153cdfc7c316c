import type {
  BeforeApplicationShutdown,
  OnApplicationBootstrap,
  OnApplicationShutdown,
  OnModuleInit,
} from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { DeliveryFeeder } from './delivery/delivery.feeder.js';
import type { DeliveryQueue } from './delivery/delivery.queue.js';
import type { DeliveryService } from './delivery/delivery.service.js';
import type { EventRelay } from './dispatch/event.relay.js';
import type { HttpSender } from './http/http-sender.js';
import { checkSchema } from './model/schema-check.js';
import type { CommitSignal } from './outbox/commit-signal.js';
import type { WebhookRegistry } from './registry/webhook-registry.js';

/** What is started and stopped, in an order that does not depend on the order of imports. */
export interface LifecycleParts {
  readonly dataSource: DataSource;
  readonly registry: WebhookRegistry;
  readonly signal: CommitSignal;
  readonly queue: DeliveryQueue;
  readonly relay: EventRelay;
  readonly feeder: DeliveryFeeder;
  readonly deliveries: DeliveryService;
  readonly sender: HttpSender;
  /** Whether this process dispatches and delivers. */
  readonly worker: boolean;
  /** Deliveries at a time. */
  readonly concurrency: number;
}

/** Starts the parts with the application and stops them before its connections close. */
export class WebhooksLifecycle
  implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  constructor(private readonly parts: LifecycleParts) {}

  async onModuleInit(): Promise<void> {
    await checkSchema(this.parts.dataSource);
    await this.parts.registry.start();
  }

  async onApplicationBootstrap(): Promise<void> {
    const { signal, queue, relay, feeder, deliveries, worker, concurrency } = this.parts;
    if (!worker) {
      signal.subscribe(() => queue.wake());
      return;
    }
    signal.subscribe(() => relay.wake());
    queue.onWake(() => relay.wake());
    await queue.start((deliveryId) => deliveries.deliver(deliveryId), concurrency);
    relay.start();
    feeder.start();
  }

  /** Data sources and queues close after every module's hook of this kind has run. */
  async beforeApplicationShutdown(): Promise<void> {
    const { queue, relay, feeder, sender } = this.parts;
    await Promise.all([relay.stop(), feeder.stop()]);
    await queue.stop();
    await sender.close();
  }

  async onApplicationShutdown(): Promise<void> {
    this.parts.registry.stop();
    await this.parts.queue.close();
  }
}
