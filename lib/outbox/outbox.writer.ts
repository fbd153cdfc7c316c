import { Injectable } from '@nestjs/common';
import type { DataSource, QueryRunner } from 'typeorm';
import { chunks } from '../common/chunks.js';
import { newId } from '../common/new-id.js';
import { NOW, requireDialect } from '../model/dialect.js';
import { FEW_ROWS, Sql } from '../model/sql.js';
import { tableName } from '../model/table-name.js';
import { WebhookEvent } from '../model/webhook-event.entity.js';
import type { NamedStatements } from '../postgres/named-statements.js';
import { sendWithCommit, type Sending } from '../postgres/with-commit.js';
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

/** Rows of one statement where each value is a parameter: databases limit those. PostgreSQL is given lists. */
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
    for (const { text, parameters } of inserts(queryRunner.dataSource, events))
      await queryRunner.query(text, parameters);
  }

  /**
   * As {@link write}, for the last events of a transaction whose COMMIT is the next that is sent: where the driver can,
   * they go out together with it.
   *
   * @param statements - those that connections keep
   * @returns what is on its way then; `undefined` when the events are written
   */
  async writeWithCommit(
    queryRunner: QueryRunner,
    events: readonly CapturedEvent[],
    statements: NamedStatements,
  ): Promise<Sending | undefined> {
    const { dataSource } = queryRunner;
    const isOne = requireDialect(dataSource) === 'postgres';
    for (const { text, parameters } of inserts(dataSource, events)) {
      const sending = isOne
        ? await sendWithCommit(queryRunner, text, { values: parameters, statements })
        : undefined;
      if (sending !== undefined) return sending;
      await queryRunner.query(text, parameters);
    }
    return undefined;
  }
}

interface Statement {
  readonly text: string;
  readonly parameters: unknown[];
}

/** PostgreSQL gets one statement, whatever the number of events. */
function* inserts(dataSource: DataSource, events: readonly CapturedEvent[]): Generator<Statement> {
  const table = tableName(dataSource, WebhookEvent);
  const traceparent = currentTraceparent();
  const rows = events.map((event) => toRow(event, traceparent));
  const isPostgres = requireDialect(dataSource) === 'postgres';
  const portions = isPostgres ? chunks(rows, rows.length) : chunks(rows, ROWS_PER_STATEMENT, charactersOf);
  for (const chunk of portions) {
    const sql = new Sql(dataSource);
    const isList = isPostgres && chunk.length > FEW_ROWS;
    const text = isList ? insertLists(table, sql, chunk) : insertValues(table, sql, chunk);
    yield { text, parameters: sql.parameters };
  }
}

function charactersOf(row: Row): number {
  return row.reduce((sum, value) => sum + (value?.length ?? 0), 0);
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

/** One statement for any number of rows. What all rows share is sent once: a list of it costs as much as any other. */
function insertLists(table: string, sql: Sql, rows: readonly Row[]): string {
  const lists: Record<string, readonly (string | null)[]> = {};
  COLUMNS.forEach((name, column) => {
    const first = rows[0]?.[column];
    if (rows.some((row) => row[column] !== first)) lists[name] = rows.map((row) => row[column] ?? null);
  });
  const source = sql.textRows('v', lists);
  const values = COLUMNS.map((name, column) =>
    Object.hasOwn(lists, name) ? sql.name(name) : sql.value(rows[0]?.[column]),
  );
  return (
    `INSERT INTO ${table} (${sql.names([...COLUMNS, 'occurred_at'])})` +
    ` SELECT ${values.join(', ')}, ${NOW[sql.dialect]} FROM ${source}`
  );
}

function insertValues(table: string, sql: Sql, rows: readonly Row[]): string {
  const { dialect } = sql;
  const sqlite = dialect === 'sqlite';
  const names = [...COLUMNS, 'occurred_at', ...(sqlite ? ['sequence'] : [])];
  const values = rows.map((row, index) => {
    // SQLite generates no such column; its one writer makes counting safe.
    const sequence = sqlite ? `, (SELECT COALESCE(MAX("sequence"), 0) FROM ${table}) + ${index + 1}` : '';
    return `(${row.map((value) => sql.value(value)).join(', ')}, ${NOW[dialect]}${sequence})`;
  });
  return `INSERT INTO ${table} (${sql.names(names)}) VALUES ${values.join(', ')}`;
}
