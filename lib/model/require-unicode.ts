import type { DataSource } from 'typeorm';
import { WebhooksError } from '../common/webhooks-error.js';
import { requireDialect } from './dialect.js';
import { Sql } from './sql.js';
import { WEBHOOKS_ENTITIES } from './webhooks-entities.js';

/** PostgreSQL's encodings that take every text; the second one takes the bytes as they are. */
const UNICODE = ['UTF8', 'SQL_ASCII'];

/**
 * Refuses tables that cannot hold every text: what a receiver answers could not be recorded, and the delivery would be
 * sent again without end.
 *
 * @throws WebhooksError `WEBHOOKS_DATABASE_UNSUPPORTED`
 */
export async function requireUnicode(dataSource: DataSource): Promise<void> {
  const dialect = requireDialect(dataSource);
  if (dialect === 'postgres') {
    const [row] = await dataSource.query<{ server_encoding: string }[]>('SHOW server_encoding');
    if (row === undefined || UNICODE.includes(row.server_encoding)) return;
    throw unsupported(`The encoding of the database is ${row.server_encoding}`, 'Use one in UTF8');
  }
  if (dialect === 'mysql') {
    const sql = new Sql(dataSource);
    const tables = WEBHOOKS_ENTITIES.map((entity) => dataSource.getMetadata(entity).tableName);
    const [row] = await dataSource.query<{ place: string; charset: string }[]>(
      "SELECT CONCAT(TABLE_NAME, '.', COLUMN_NAME) AS place, CHARACTER_SET_NAME AS charset FROM information_schema.COLUMNS" +
        ` WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME ${sql.among(tables)} AND CHARACTER_SET_NAME <> 'utf8mb4' LIMIT 1`,
      sql.parameters,
    );
    if (row === undefined) return;
    const mend = `Convert ${tables.join(', ')}: ALTER TABLE … CONVERT TO CHARACTER SET utf8mb4`;
    throw unsupported(`The character set of ${row.place} is ${row.charset}`, mend);
  }
}

function unsupported(what: string, mend: string): WebhooksError {
  return new WebhooksError(
    'WEBHOOKS_DATABASE_UNSUPPORTED',
    `${what}, which cannot hold every text that webhooks send and get. ${mend}.`,
  );
}
