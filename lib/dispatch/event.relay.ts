import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { DeliveryFeeder } from '../delivery/delivery.feeder.js';
import type { WebhookRegistry } from '../registry/webhook-registry.js';
import { ConditionChecker } from './condition-checker.js';
import { dispatchEvents } from './dispatch-events.js';

/** What the relay works with. */
export interface EventRelayParts {
  readonly dataSource: DataSource;
  readonly registry: WebhookRegistry;
  readonly feeder: DeliveryFeeder;
  /** Milliseconds between looks that nobody asked for. */
  readonly pollInterval: number;
  readonly batchSize: number;
  /** Milliseconds until the first attempt of a delivery, where its webhook does not say. */
  readonly firstDelay: number;
}

/**
 * Takes committed events from the outbox and makes their deliveries. It works when woken and, because a wake-up may
 * be lost, every `pollInterval`.
 */
export class EventRelay {
  private readonly logger = new Logger(EventRelay.name);
  private readonly conditions = new ConditionChecker();
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;
  private wokenMeanwhile = false;
  private stopped = true;
  private failing = false;

  constructor(private readonly parts: EventRelayParts) {}

  /** Begins to work. */
  start(): void {
    this.stopped = false;
    this.wake();
  }

  /** Finishes the batch at hand and stops. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.working;
  }

  /** Looks for events now. Never throws. */
  wake(): void {
    if (this.stopped) return;
    if (this.working !== undefined) {
      this.wokenMeanwhile = true;
      return;
    }
    clearTimeout(this.timer);
    this.working = this.drain().finally(() => {
      this.working = undefined;
      if (this.stopped) return;
      if (this.wokenMeanwhile) {
        this.wokenMeanwhile = false;
        this.wake();
      } else {
        this.timer = setTimeout(() => this.wake(), this.parts.pollInterval);
      }
    });
  }

  private async drain(): Promise<void> {
    const { dataSource, registry, feeder, batchSize, firstDelay } = this.parts;
    try {
      let batch;
      do {
        batch = await dispatchEvents(
          dataSource,
          batchSize,
          (manager) => registry.current(manager),
          this.conditions.check,
          (webhookIds) => feeder.withRoom(webhookIds),
          firstDelay,
        );
        await feeder.add(batch.deliveries);
        if (batch.waiting) feeder.wake();
      } while (!batch.isLast && !this.stopped);
      if (this.failing) this.logger.log('Events are dispatched again.');
      this.failing = false;
    } catch (error) {
      if (!this.failing) {
        this.logger.error(
          `Events cannot be dispatched: ${String(error)}. They wait in the outbox; the next look is in ${this.parts.pollInterval} ms.`,
        );
      }
      this.failing = true;
    }
  }
}
