import type { DataSource } from 'typeorm';
import { Sql } from '../model/sql.js';
import { OF_TESTS, WebhookDelivery } from '../model/webhook-delivery.entity.js';
import { WebhookEvent } from '../model/webhook-event.entity.js';

/** Events among which it is looked for, so that a model without any costs no scan of the table. */
const RECENT = 5_000;

/**
 * The latest event of these models and kinds, if it is among the last ones; never that of a test send or a ping. Of no
 * kinds: of any.
 */
export async function latestEvent(
  dataSource: DataSource,
  { models, events }: { models: readonly string[]; events: readonly string[] },
): Promise<WebhookEvent | null> {
  if (models.length === 0) return null;
  const sql = new Sql(dataSource);
  const [id, sequence] = [sql.name('id'), sql.name('sequence')];
  const ofModels = `e.${sql.name('model')} ${sql.among(models)}`;
  const ofKinds = events.length === 0 ? '' : ` AND e.${sql.name('event')} ${sql.among(events)}`;
  const recent = `SELECT ${sql.names(['id', 'model', 'event', 'sequence'])} FROM ${sql.table(WebhookEvent)} ORDER BY ${sequence} DESC LIMIT ${RECENT}`;
  const tests = `SELECT 1 FROM ${sql.table(WebhookDelivery)} t WHERE t.${sql.name('event_id')} = e.${id} AND t.${sql.name('trigger')} ${OF_TESTS}`;
  const [row] = await dataSource.query<{ id: string }[]>(
    `SELECT e.${id} FROM (${recent}) AS e WHERE ${ofModels}${ofKinds}` +
      ` AND NOT EXISTS (${tests}) ORDER BY e.${sequence} DESC LIMIT 1`,
    sql.parameters,
  );
  return row === undefined ? null : dataSource.getRepository(WebhookEvent).findOneBy({ id: row.id });
}
