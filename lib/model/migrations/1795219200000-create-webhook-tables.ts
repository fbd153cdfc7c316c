import type { MigrationInterface, QueryRunner } from 'typeorm';
import { withMigrationLock } from './migration-lock.js';
import { createTable, dropTable, type TableDefinition } from './table-builder.js';

const nullable = { isNullable: true } as const;
const dispatched = '"dispatched_at" IS NOT NULL';

const TABLES: readonly TableDefinition[] = [
  {
    name: 'webhook',
    columns: {
      name: { type: 'varchar', length: '100' },
      description: { type: 'varchar', length: '200', default: "''" },
      enabled: { type: 'boolean', default: true },
      models: { type: 'longtext' },
      events: { type: 'longtext' },
      url: { type: 'longtext' },
      method: { type: 'varchar', length: '6', default: "'POST'" },
      content_type: { type: 'varchar', length: '128', default: "'application/json'" },
      additional_headers: { type: 'longtext' },
      body_template: { type: 'longtext' },
      strict_templates: { type: 'boolean', default: false },
      conditions: { type: 'longtext', ...nullable },
      secret: { type: 'longtext', ...nullable },
      previous_secret: { type: 'longtext', ...nullable },
      previous_secret_until: { type: 'time', ...nullable },
      variables: { type: 'longtext', ...nullable },
      old_secrets: { type: 'longtext', ...nullable },
      ssl_verification: { type: 'boolean', default: true },
      ca_certificate: { type: 'longtext', ...nullable },
      timeout: { type: 'int', ...nullable },
      schedule: { type: 'longtext', ...nullable },
      rate_limit: { type: 'int', ...nullable },
      rate_period: { type: 'int', default: 1000 },
      rate_next_at: { type: 'time', ...nullable },
      ordered: { type: 'boolean', default: false },
      disabled_reason: { type: 'varchar', length: '500', ...nullable },
      failure_count: { type: 'int', default: 0 },
      failing_since: { type: 'time', ...nullable },
      paused_until: { type: 'time', ...nullable },
      pause_count: { type: 'int', default: 0 },
      revision: { type: 'int', default: 1 },
      created_at: { type: 'time' },
      updated_at: { type: 'time' },
    },
    indices: { UQ_webhook_name: { columns: ['name'], unique: true } },
  },
  {
    name: 'webhook_event',
    columns: {
      sequence: { type: 'sequence' },
      model: { type: 'varchar', length: '100' },
      event: { type: 'varchar', length: '6' },
      object_id: { type: 'varchar', length: '255' },
      counterpart_id: { type: 'varchar', length: '255', ...nullable },
      occurred_at: { type: 'time' },
      username: { type: 'varchar', length: '255', ...nullable },
      request_id: { type: 'varchar', length: '255', ...nullable },
      traceparent: { type: 'varchar', length: '55', ...nullable },
      data: { type: 'longtext' },
      prechange: { type: 'longtext', ...nullable },
      postchange: { type: 'longtext', ...nullable },
      changed: { type: 'longtext' },
      dispatched_at: { type: 'time', ...nullable },
    },
    indices: {
      UQ_webhook_event_sequence: { columns: ['sequence'], unique: true },
      IDX_webhook_event_pending: { columns: ['dispatched_at', 'sequence'] },
      IDX_webhook_event_object: { columns: ['model', 'object_id', 'sequence'], where: dispatched },
      IDX_webhook_event_request: { columns: ['request_id'], where: dispatched },
    },
  },
  {
    name: 'webhook_delivery',
    // A lock is in no index: with room beside the row, it is all that is written.
    fillFactor: 50,
    columns: {
      webhook_id: { type: 'varchar', length: '36' },
      event_id: { type: 'varchar', length: '36' },
      sequence: { type: 'bigint' },
      model: { type: 'varchar', length: '100' },
      event: { type: 'varchar', length: '6' },
      object_id: { type: 'varchar', length: '255' },
      trigger: { type: 'varchar', length: '8' },
      status: { type: 'varchar', length: '9' },
      attempts: { type: 'int', default: 0 },
      made: { type: 'int', default: 0 },
      made_before: { type: 'int', default: 0 },
      retry: { type: 'boolean', default: false },
      next_trigger: { type: 'varchar', length: '8', ...nullable },
      next_attempt_at: { type: 'time', ...nullable },
      queue_at: { type: 'time', ...nullable },
      locked_until: { type: 'time', ...nullable },
      lock_token: { type: 'varchar', length: '36', ...nullable },
      body: { type: 'longtext', ...nullable },
      rendered: { type: 'boolean', default: false },
      default_body_lock: { type: 'varchar', length: '36', ...nullable },
      status_code: { type: 'int', ...nullable },
      error: { type: 'longtext', ...nullable },
      created_at: { type: 'time' },
      finished_at: { type: 'time', ...nullable },
    },
    indices: {
      IDX_webhook_delivery_due: {
        columns: ['status', 'webhook_id', 'retry', 'queue_at'],
        where: `"status" = 'pending'`,
      },
      IDX_webhook_delivery_webhook: { columns: ['webhook_id', 'status', 'id'] },
      IDX_webhook_delivery_status: { columns: ['status', 'id'] },
      IDX_webhook_delivery_order: {
        columns: ['webhook_id', 'model', 'object_id', 'status', 'sequence'],
        where: `"status" = 'pending'`,
      },
      IDX_webhook_delivery_event: { columns: ['event_id'] },
      IDX_webhook_delivery_finished: { columns: ['finished_at'], where: '"finished_at" IS NOT NULL' },
    },
  },
  {
    name: 'webhook_attempt',
    columns: {
      delivery_id: { type: 'varchar', length: '36' },
      number: { type: 'int' },
      trigger: { type: 'varchar', length: '8' },
      started_at: { type: 'time' },
      duration: { type: 'int' },
      method: { type: 'varchar', length: '6' },
      url: { type: 'longtext' },
      request_headers: { type: 'longtext' },
      remote_address: { type: 'varchar', length: '45', ...nullable },
      status_code: { type: 'int', ...nullable },
      response_headers: { type: 'longtext', ...nullable },
      response_body: { type: 'longtext', ...nullable },
      error_class: { type: 'varchar', length: '16', ...nullable },
      error: { type: 'longtext', ...nullable },
      timings: { type: 'longtext', ...nullable },
    },
    indices: { IDX_webhook_attempt_delivery: { columns: ['delivery_id', 'id'] } },
  },
];

/** Creates the four tables. */
export class CreateWebhookTables1795219200000 implements MigrationInterface {
  readonly name = 'CreateWebhookTables1795219200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await withMigrationLock(queryRunner, async () => {
      for (const table of TABLES) await createTable(queryRunner, table);
    });
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await withMigrationLock(queryRunner, async () => {
      for (const { name } of TABLES.toReversed()) await dropTable(queryRunner, name);
    });
  }
}
