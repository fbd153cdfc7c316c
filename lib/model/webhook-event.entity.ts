import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { DialectColumn, LongTextColumn } from './dialect-column.js';
import type { WebhookEventName } from '../common/events.js';
import { JsonColumn } from './json-column.js';
import { TimeColumn } from './time-column.js';

const DISPATCHED = '"dispatched_at" IS NOT NULL';

/** One net change of one object in one transaction, written by that transaction. */
@Entity({ name: 'webhook_event' })
@Index('UQ_webhook_event_sequence', ['sequence'], { unique: true })
@Index('IDX_webhook_event_pending', ['dispatchedAt', 'sequence'])
// By these only events are looked for that were dispatched, so that the transaction of a change need not write them.
@Index('IDX_webhook_event_object', ['model', 'objectId', 'sequence'], { where: DISPATCHED })
@Index('IDX_webhook_event_request', ['requestId'], { where: DISPATCHED })
export class WebhookEvent {
  /** UUIDv7. */
  @PrimaryColumn({ name: 'id', type: 'varchar', length: 36, primaryKeyConstraintName: 'PK_webhook_event' })
  id!: string;

  /** Given by the database under the object's lock: grows in the order of the changes of one object. */
  @DialectColumn((dialect) => ({
    name: 'sequence',
    type: 'bigint',
    ...(dialect === 'sqlite' ? {} : { generated: 'increment' as const }),
  }))
  sequence!: string;

  @Column({ name: 'model', type: 'varchar', length: 100 })
  model!: string;

  @Column({ name: 'event', type: 'varchar', length: 6 })
  event!: WebhookEventName;

  /** The primary key as text; of several columns, as a JSON list. */
  @Column({ name: 'object_id', type: 'varchar', length: 255 })
  objectId!: string;

  /** When the primary key itself was changed: the key before (of a create) or after (of a delete). */
  @Column({ name: 'counterpart_id', type: 'varchar', length: 255, nullable: true })
  counterpartId!: string | null;

  /** When the change happened, by the database's clock. */
  @TimeColumn({ name: 'occurred_at' })
  occurredAt!: Date;

  @Column({ name: 'username', type: 'varchar', length: 255, nullable: true })
  username!: string | null;

  @Column({ name: 'request_id', type: 'varchar', length: 255, nullable: true })
  requestId!: string | null;

  /** W3C trace context of the change, where the application has OpenTelemetry. */
  @Column({ name: 'traceparent', type: 'varchar', length: 55, nullable: true })
  traceparent!: string | null;

  /** JSON text, exactly as captured. */
  @LongTextColumn({ name: 'data' })
  data!: string;

  /** JSON text of the flat snapshot before; `null` for a create. */
  @LongTextColumn({ name: 'prechange', nullable: true })
  prechange!: string | null;

  /** JSON text of the flat snapshot after; `null` for a delete. */
  @LongTextColumn({ name: 'postchange', nullable: true })
  postchange!: string | null;

  /** Names of the changed properties. */
  @JsonColumn({ name: 'changed' })
  changed!: string[];

  /** When its deliveries were made; `null` while it waits. */
  @TimeColumn({ name: 'dispatched_at', nullable: true })
  dispatchedAt!: Date | null;
}
