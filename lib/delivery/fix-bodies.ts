import type { DataSource } from 'typeorm';
import { Sql } from '../model/sql.js';
import { WebhookDelivery } from '../model/webhook-delivery.entity.js';

/** A body that a template rendered for the first time. */
export interface BodyToFix {
  /** Of the delivery. */
  readonly id: string;
  /** As it is kept. */
  readonly body: string | null;
  /** Of the lock under which it is sent. */
  readonly lockToken: string;
}

/** Writes bodies before they are sent. Gives whether each is fixed: of a lock that was lost it is not. */
export async function fixBodies(
  dataSource: DataSource,
  bodies: readonly BodyToFix[],
): Promise<readonly boolean[]> {
  const sql = new Sql(dataSource);
  const source = sql.rows(
    'v',
    { id: 'text', body: 'text', lock_token: 'text' },
    bodies.map(({ id, body, lockToken }) => [id, body, lockToken]),
  );
  const update = sql.updateFrom(
    sql.table(WebhookDelivery),
    source,
    { body: `v.${sql.name('body')}`, rendered: 'true' },
    `d.${sql.name('lock_token')} = v.${sql.name('lock_token')}`,
  );
  const tokens = new Map(
    (await tokensAfter(dataSource, sql, update, bodies)).map(({ id, lock_token }) => [id, lock_token]),
  );
  return bodies.map(({ id, lockToken }) => tokens.get(id) === lockToken);
}

/** The locks of those deliveries, or on PostgreSQL of those among them that were written. */
async function tokensAfter(
  dataSource: DataSource,
  sql: Sql,
  update: string,
  bodies: readonly BodyToFix[],
): Promise<readonly Row[]> {
  if (sql.dialect === 'postgres') {
    const [rows] = await dataSource.query<[Row[], number]>(
      `${update} RETURNING d."id", d."lock_token"`,
      sql.parameters,
    );
    return rows;
  }
  await dataSource.query(update, sql.parameters);
  const select = new Sql(dataSource);
  return dataSource.query<Row[]>(
    `SELECT ${select.name('id')} AS id, ${select.name('lock_token')} AS lock_token FROM ${select.table(WebhookDelivery)}
     WHERE ${select.name('id')} ${select.among(bodies.map(({ id }) => id))}`,
    select.parameters,
  );
}

interface Row {
  id: string;
  lock_token: string | null;
}
