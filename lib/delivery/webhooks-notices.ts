import { Injectable, Logger } from '@nestjs/common';
import type { DeliveryStatus, DeliveryTrigger } from '../model/webhook-delivery.entity.js';

/** An endpoint whose state changed. */
export interface EndpointNotice {
  readonly webhookId: string;
  readonly name: string;
  /** Failed attempts in a row. */
  readonly failureCount: number;
  /** Why, in words; empty when there is nothing to say. */
  readonly reason: string;
}

/** A delivery that was given up. */
export interface ExhaustedNotice {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly name: string;
  /** Attempts made. */
  readonly attempts: number;
  readonly statusCode: number | null;
  readonly error: string | null;
}

/** An attempt that was recorded. */
export interface AttemptNotice {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly trigger: DeliveryTrigger;
  /** Of the delivery after the attempt. */
  readonly status: DeliveryStatus;
  readonly statusCode: number | null;
  readonly errorClass: string | null;
  /** Milliseconds. */
  readonly duration: number;
}

/** What is told, by name. */
export interface NoticeMap {
  /** A delivery is out of attempts, or its definition cannot be sent. */
  exhausted: ExhaustedNotice;
  /** An endpoint rests after failures in a row, or rests again. */
  paused: EndpointNotice & { readonly until: Date };
  /** A webhook was disabled because its endpoint failed for too long, or is gone. */
  disabled: EndpointNotice;
  /** A resting endpoint answered again. */
  healed: EndpointNotice;
  /** Every attempt. */
  attempt: AttemptNotice;
}

/**
 * Tells what happens to deliveries and endpoints, in the worker process in which it happens. Listen in a provider's
 * constructor or `onModuleInit`, and pass on to what the application has: `@nestjs/event-emitter`, a chat, a pager.
 * What a listener throws is logged and stays without effect.
 */
@Injectable()
export class WebhooksNotices {
  private readonly logger = new Logger('Webhooks');
  private readonly listeners = new Map<keyof NoticeMap, Set<Listener>>();

  /** Calls `listener` for each notice of this name; the returned function takes it away. */
  on<Name extends keyof NoticeMap>(
    name: Name,
    listener: (notice: NoticeMap[Name]) => void | Promise<void>,
  ): () => void {
    const listeners = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, listeners.add(listener as Listener));
    return () => listeners.delete(listener as Listener);
  }

  /** Tells the listeners; never throws. @internal */
  tell<Name extends keyof NoticeMap>(name: Name, notice: NoticeMap[Name]): void {
    for (const listener of this.listeners.get(name) ?? []) void this.call(name, listener, notice);
  }

  private async call(name: string, listener: Listener, notice: unknown): Promise<void> {
    try {
      await listener(notice);
    } catch (error) {
      this.logger.error(`A listener to "${name}" failed: ${String(error)}`);
    }
  }
}

type Listener = (notice: unknown) => void | Promise<void>;
