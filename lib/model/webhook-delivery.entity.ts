import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { LongTextColumn } from './dialect-column.js';
import type { WebhookEventName } from '../common/events.js';
import { TimeColumn } from './time-column.js';

/** Every {@link DeliveryStatus}. */
export const DELIVERY_STATUSES = ['pending', 'succeeded', 'failed', 'held', 'skipped', 'cancelled'] as const;

/**
 * - `pending`: waits for its next attempt, or is being sent
 * - `succeeded`: a 2xx answer came
 * - `failed`: out of attempts, or its definition could not be sent
 * - `held`: its webhook is disabled
 * - `skipped`: its conditions could not be decided
 * - `cancelled`: by hand, because its webhook was deleted, or held for longer than `delivery.heldMaxAge`
 */
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/**
 * What made a delivery, and what made each of its attempts:
 *
 * - `event`: a change
 * - `schedule`: an attempt that follows a failed one
 * - `manual`: of a delivery, that its event was sent again (`resend`); of an attempt, that it was retried by hand
 * - `replay`: a replay of its event
 * - `test`: a test send
 * - `ping`: a ping
 * - `probe`: an attempt that tries whether a resting endpoint has healed
 */
export type DeliveryTrigger = 'event' | 'schedule' | 'manual' | 'replay' | 'test' | 'ping' | 'probe';

/** The triggers of what is made to try a webhook out, as the right side of a condition. */
export const OF_TESTS = "IN ('test', 'ping')";

/** One event on its way to one webhook. Its id is the `webhook-id` of every attempt. */
@Entity({ name: 'webhook_delivery' })
@Index('IDX_webhook_delivery_due', ['status', 'webhookId', 'retry', 'queueAt'], {
  where: `"status" = 'pending'`,
})
@Index('IDX_webhook_delivery_webhook', ['webhookId', 'status', 'id'])
@Index('IDX_webhook_delivery_status', ['status', 'id'])
@Index('IDX_webhook_delivery_order', ['webhookId', 'model', 'objectId', 'status', 'sequence'], {
  where: `"status" = 'pending'`,
})
@Index('IDX_webhook_delivery_event', ['eventId'])
@Index('IDX_webhook_delivery_finished', ['finishedAt'], { where: '"finished_at" IS NOT NULL' })
export class WebhookDelivery {
  /** UUIDv7. */
  @PrimaryColumn({ name: 'id', type: 'varchar', length: 36, primaryKeyConstraintName: 'PK_webhook_delivery' })
  id!: string;

  @Column({ name: 'webhook_id', type: 'varchar', length: 36 })
  webhookId!: string;

  @Column({ name: 'event_id', type: 'varchar', length: 36 })
  eventId!: string;

  /** Of its event. */
  @Column({ name: 'sequence', type: 'bigint' })
  sequence!: string;

  /** Of its event. */
  @Column({ name: 'model', type: 'varchar', length: 100 })
  model!: string;

  /** Of its event. */
  @Column({ name: 'event', type: 'varchar', length: 6 })
  event!: WebhookEventName;

  /** Of its event. */
  @Column({ name: 'object_id', type: 'varchar', length: 255 })
  objectId!: string;

  @Column({ name: 'trigger', type: 'varchar', length: 8 })
  trigger!: DeliveryTrigger;

  @Column({ name: 'status', type: 'varchar', length: 9 })
  status!: DeliveryStatus;

  /** Attempts that count against the schedule; a retry by hand of a finished delivery starts the schedule again. */
  @Column({ name: 'attempts', type: 'int', default: 0 })
  attempts!: number;

  /** Attempts made, all of them. */
  @Column({ name: 'made', type: 'int', default: 0 })
  made!: number;

  /** Of these, those before a retry by hand that started the schedule again. */
  @Column({ name: 'made_before', type: 'int', default: 0 })
  madeBefore!: number;

  /** Whether an attempt was made already: new deliveries go first. */
  @Column({ name: 'retry', type: 'boolean', default: false })
  retry!: boolean;

  /** What asked for the next attempt, if it is not the schedule. */
  @Column({ name: 'next_trigger', type: 'varchar', length: 8, nullable: true })
  nextTrigger!: DeliveryTrigger | null;

  /** When the next attempt is due; `null` when none is. */
  @TimeColumn({ name: 'next_attempt_at', nullable: true })
  nextAttemptAt!: Date | null;

  /** When it is put into the queue (again): until then a job, a worker or its next attempt's time stands for it. */
  @TimeColumn({ name: 'queue_at', nullable: true })
  queueAt!: Date | null;

  /** Until then the worker that holds `lockToken` sends it. */
  @TimeColumn({ name: 'locked_until', nullable: true })
  lockedUntil!: Date | null;

  @Column({ name: 'lock_token', type: 'varchar', length: 36, nullable: true })
  lockToken!: string | null;

  /** The body as first rendered; every attempt sends these bytes. Encrypted when secret values went into it. */
  @LongTextColumn({ name: 'body', nullable: true })
  body!: string | null;

  /** Whether `body` was written; a request without a body has `null` there. */
  @Column({ name: 'rendered', type: 'boolean', default: false })
  rendered!: boolean;

  /**
   * The lock under which the default body was fixed. The event alone decides that body, so it is written with the record
   * of the attempt.
   */
  @Column({ name: 'default_body_lock', type: 'varchar', length: 36, nullable: true })
  defaultBodyLock!: string | null;

  /** Status code of the last answer. */
  @Column({ name: 'status_code', type: 'int', nullable: true })
  statusCode!: number | null;

  /** Why it is not delivered, in words. */
  @LongTextColumn({ name: 'error', nullable: true })
  error!: string | null;

  @TimeColumn({ name: 'created_at' })
  createdAt!: Date;

  @TimeColumn({ name: 'finished_at', nullable: true })
  finishedAt!: Date | null;
}
