import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { LongTextColumn } from './dialect-column.js';
import { JsonColumn } from './json-column.js';
import { TimeColumn } from './time-column.js';
import type { DeliveryTrigger } from './webhook-delivery.entity.js';

/** One try to send a delivery: what was sent, what came back. */
@Entity({ name: 'webhook_attempt' })
@Index('IDX_webhook_attempt_delivery', ['deliveryId', 'id'])
export class WebhookAttempt {
  /** UUIDv7. */
  @PrimaryColumn({ name: 'id', type: 'varchar', length: 36, primaryKeyConstraintName: 'PK_webhook_attempt' })
  id!: string;

  @Column({ name: 'delivery_id', type: 'varchar', length: 36 })
  deliveryId!: string;

  /** From 1. */
  @Column({ name: 'number', type: 'int' })
  number!: number;

  @Column({ name: 'trigger', type: 'varchar', length: 8 })
  trigger!: DeliveryTrigger;

  @TimeColumn({ name: 'started_at' })
  startedAt!: Date;

  /** Milliseconds. */
  @Column({ name: 'duration', type: 'int' })
  duration!: number;

  @Column({ name: 'method', type: 'varchar', length: 6 })
  method!: string;

  @LongTextColumn({ name: 'url' })
  url!: string;

  /** Secret values are masked. */
  @JsonColumn({ name: 'request_headers' })
  requestHeaders!: Record<string, string>;

  @Column({ name: 'remote_address', type: 'varchar', length: 45, nullable: true })
  remoteAddress!: string | null;

  @Column({ name: 'status_code', type: 'int', nullable: true })
  statusCode!: number | null;

  @JsonColumn({ name: 'response_headers', nullable: true })
  responseHeaders!: Record<string, string> | null;

  /** Up to 16 KB. */
  @LongTextColumn({ name: 'response_body', nullable: true })
  responseBody!: string | null;

  /**
   * `dns`, `connect`, `proxy`, `tls`, `timeout`, `blocked`, `protocol`, `invalid`, `aborted`, `http` (an answer that is
   * no 2xx), `template` (the definition gives no request), `key` (this process lacks one) or `internal` (not foreseen);
   * `null` for a success.
   */
  @Column({ name: 'error_class', type: 'varchar', length: 16, nullable: true })
  errorClass!: string | null;

  /** The failure in words. */
  @LongTextColumn({ name: 'error', nullable: true })
  error!: string | null;

  /** Milliseconds of each phase: dns, connect, tls, firstByte, total. */
  @JsonColumn({ name: 'timings', nullable: true })
  timings!: Record<string, number> | null;
}
