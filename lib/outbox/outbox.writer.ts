import { Injectable } from '@nestjs/common';
import type { QueryRunner } from 'typeorm';
import { newId } from '../common/new-id.js';
import { NOW, requireDialect, type Dialect } from '../model/dialect.js';
import { Sql, type ColumnType } from '../model/sql.js';
import { tableName } from '../model/table-name.js';
import { WebhookEvent } from '../model/webhook-event.entity.js';
import type { CapturedEvent } from './captured-event.js';
import { currentTraceparent } from './current-traceparent.js';

const COLUMNS = [
  'id',
  'model',
  'event',
  'object_id',
  'counterpart_id',
  'username',
  'request_id',
  'traceparent',
  'data',
  'prechange',
  'postchange',
  'changed',
] as const;

/** Rows of one statement where each value is a parameter: databases limit those. */
const ROWS_PER_STATEMENT = 500;

type Row = readonly (string | null)[];

/** Writes events in the caller's transaction. */
@Injectable()
export class OutboxWriter {
  /**
   * Inserts the events in their order. The database gives each its sequence, while the caller holds the locks of the
   * changed objects, and the time of the change.
   */
  async write(queryRunner: QueryRunner, events: readonly CapturedEvent[]): Promise<void> {
    if (events.length === 0) return;
    const dialect = requireDialect(queryRunner.dataSource);
    const table = tableName(queryRunner.dataSource, WebhookEvent);
    const traceparent = currentTraceparent();
    const rows = events.map((event) => toRow(event, traceparent));
    if (dialect === 'postgres') {
      const sql = new Sql(queryRunner.dataSource);
      await queryRunner.query(insertRows(table, sql, rows), sql.parameters);
      return;
    }
    for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
      const chunk = rows.slice(start, start + ROWS_PER_STATEMENT);
      await queryRunner.query(insertValues(table, dialect, chunk.length), chunk.flat());
    }
  }
}

function toRow(event: CapturedEvent, traceparent: string | null): Row {
  return [
    newId(),
    event.model,
    event.event,
    event.objectId,
    event.counterpartId,
    event.username,
    event.requestId,
    traceparent,
    event.data,
    event.prechange,
    event.postchange,
    JSON.stringify(event.changed),
  ];
}

const TEXTS = Object.fromEntries(COLUMNS.map((name): [string, ColumnType] => [name, 'text']));

/** One statement for any number of rows. */
function insertRows(table: string, sql: Sql, rows: readonly Row[]): string {
  const names = sql.names(COLUMNS);
  const source = sql.rows('v', TEXTS, rows);
  return `INSERT INTO ${table} (${names}, "occurred_at") SELECT ${names}, ${NOW.postgres} FROM ${source}`;
}

function insertValues(table: string, dialect: Exclude<Dialect, 'postgres'>, count: number): string {
  const sqlite = dialect === 'sqlite';
  const names = [...COLUMNS, 'occurred_at', ...(sqlite ? ['sequence'] : [])].map((name) =>
    sqlite ? `"${name}"` : `\`${name}\``,
  );
  const parameters = COLUMNS.map(() => '?').join(', ');
  const values = Array.from({ length: count }, (_, index) => {
    // SQLite generates no such column; its one writer makes counting safe.
    const sequence = sqlite ? `, (SELECT COALESCE(MAX("sequence"), 0) FROM ${table}) + ${index + 1}` : '';
    return `(${parameters}, ${NOW[dialect]}${sequence})`;
  });
  return `INSERT INTO ${table} (${names.join(', ')}) VALUES ${values.join(', ')}`;
}
