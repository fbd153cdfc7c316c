import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { LongTextColumn } from './dialect-column.js';
import type { WebhookEventName, WebhookMethod } from '../common/events.js';
import { JsonColumn } from './json-column.js';
import { TimeColumn } from './time-column.js';

/** What an operator defined: for these models and events, under these conditions, send this request. */
@Entity({ name: 'webhook' })
@Index('UQ_webhook_name', ['name'], { unique: true })
export class Webhook {
  /** UUIDv7. */
  @PrimaryColumn({ name: 'id', type: 'varchar', length: 36, primaryKeyConstraintName: 'PK_webhook' })
  id!: string;

  @Column({ name: 'name', type: 'varchar', length: 100 })
  name!: string;

  @Column({ name: 'description', type: 'varchar', length: 200, default: '' })
  description!: string;

  /** A disabled webhook holds its deliveries. */
  @Column({ name: 'enabled', type: 'boolean', default: true })
  enabled!: boolean;

  /** Names of the models listened to. */
  @JsonColumn({ name: 'models' })
  models!: string[];

  @JsonColumn({ name: 'events' })
  events!: WebhookEventName[];

  /** Template. */
  @LongTextColumn({ name: 'url' })
  url!: string;

  @Column({ name: 'method', type: 'varchar', length: 6, default: 'POST' })
  method!: WebhookMethod;

  @Column({ name: 'content_type', type: 'varchar', length: 128, default: 'application/json' })
  contentType!: string;

  /** Template: `Name: value`, one a line. */
  @LongTextColumn({ name: 'additional_headers' })
  additionalHeaders!: string;

  /** Template; blank sends the default body. */
  @LongTextColumn({ name: 'body_template' })
  bodyTemplate!: string;

  /** An undefined variable is an error instead of empty text. */
  @Column({ name: 'strict_templates', type: 'boolean', default: false })
  strictTemplates!: boolean;

  /** The condition definition as given; `null` matches always. */
  @JsonColumn({ name: 'conditions', nullable: true })
  conditions!: unknown;

  /** Encrypted. */
  @LongTextColumn({ name: 'secret', nullable: true })
  secret!: string | null;

  /** Encrypted; still signs until `previousSecretUntil`. */
  @LongTextColumn({ name: 'previous_secret', nullable: true })
  previousSecret!: string | null;

  @TimeColumn({ name: 'previous_secret_until', nullable: true })
  previousSecretUntil!: Date | null;

  /** Encrypted JSON object of named values that templates read as `secrets.NAME`. */
  @LongTextColumn({ name: 'variables', nullable: true })
  variables!: string | null;

  /** Encrypted JSON list of secret values it had before: they are masked in what was recorded with them. */
  @LongTextColumn({ name: 'old_secrets', nullable: true })
  oldSecrets!: string | null;

  @Column({ name: 'ssl_verification', type: 'boolean', default: true })
  sslVerification!: boolean;

  /** PEM, instead of the system's authorities. */
  @LongTextColumn({ name: 'ca_certificate', nullable: true })
  caCertificate!: string | null;

  /** Milliseconds for one attempt; `null` as the module says. */
  @Column({ name: 'timeout', type: 'int', nullable: true })
  timeout!: number | null;

  /** Milliseconds before each attempt; `null` as the module says. */
  @JsonColumn({ name: 'schedule', nullable: true })
  schedule!: number[] | null;

  /** Requests per `ratePeriod` over all workers; `null` sets no limit. */
  @Column({ name: 'rate_limit', type: 'int', nullable: true })
  rateLimit!: number | null;

  /** Milliseconds. */
  @Column({ name: 'rate_period', type: 'int', default: 1000 })
  ratePeriod!: number;

  /** When the next request may go, for a webhook with a limit. */
  @TimeColumn({ name: 'rate_next_at', nullable: true })
  rateNextAt!: Date | null;

  /** Deliver the events of one object one after the other. */
  @Column({ name: 'ordered', type: 'boolean', default: false })
  ordered!: boolean;

  /** Why it was disabled, when it was not done by hand. */
  @Column({ name: 'disabled_reason', type: 'varchar', length: 500, nullable: true })
  disabledReason!: string | null;

  /** Failed attempts since the last success. */
  @Column({ name: 'failure_count', type: 'int', default: 0 })
  failureCount!: number;

  @TimeColumn({ name: 'failing_since', nullable: true })
  failingSince!: Date | null;

  /** Set while the endpoint rests after failures. */
  @TimeColumn({ name: 'paused_until', nullable: true })
  pausedUntil!: Date | null;

  /** How often it was paused in a row; the cool-down grows with it. */
  @Column({ name: 'pause_count', type: 'int', default: 0 })
  pauseCount!: number;

  /** Grows with each change of the definition; caches are checked against it. */
  @Column({ name: 'revision', type: 'int', default: 1 })
  revision!: number;

  @TimeColumn({ name: 'created_at' })
  createdAt!: Date;

  @TimeColumn({ name: 'updated_at' })
  updatedAt!: Date;
}
