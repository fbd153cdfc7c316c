import type { EntityMetadata } from 'typeorm';
import type { CaptureDialect } from './capture-dialect.js';
import type { Key } from './tracked-table.js';
import type { WriteQuery } from './typeorm-internals.js';

const PARAMETER = 'webhooks_keys';
/** Parameters of one statement, of which SQLite takes 32,766 and PostgreSQL 65,535, with room for the statement's own. */
const MAX_PARAMETERS = 30_000;

/**
 * Makes a statement change exactly the rows that were read and locked. Rows that begin to match in between are left
 * as they are, instead of being changed unseen. A statement that cannot name its rows stays as it is: they are more than
 * it can have parameters, or their keys are times of which JavaScript knows only the milliseconds.
 *
 * @returns whether it names its rows now
 */
export function narrowToKeys(
  query: WriteQuery,
  { primaryColumns }: EntityMetadata,
  keys: readonly Key[],
  dialect: CaptureDialect,
): boolean {
  const isList = dialect.arrays && primaryColumns.length === 1;
  if (!isList && keys.length * primaryColumns.length > MAX_PARAMETERS) return false;
  if (keys.some((key) => key.some((value) => value instanceof Date))) return false;
  const condition = keys.length === 0 ? '1=0' : among(query, primaryColumns, keys, dialect);
  query.expressionMap.wheres = [{ type: 'simple', condition }];
  return true;
}

function among(
  query: WriteQuery,
  columns: EntityMetadata['primaryColumns'],
  keys: readonly Key[],
  dialect: CaptureDialect,
): string {
  const names = columns.map(({ databaseName }) => query.dataSource.driver.escape(databaseName));
  if (columns.length === 1) {
    query.setParameter(
      PARAMETER,
      keys.map(([value]) => value),
    );
    return dialect.arrays && keys.length > 1
      ? `${names.join()} = ANY(:${PARAMETER})`
      : `${names.join()} IN (:...${PARAMETER})`;
  }
  const rows = keys.map((key, row) => {
    key.forEach((value, column) => query.setParameter(`${PARAMETER}_${row}_${column}`, value));
    return `(${key.map((_, column) => `:${PARAMETER}_${row}_${column}`).join(', ')})`;
  });
  const list = dialect.name === 'sqlite' ? `VALUES ${rows.join(', ')}` : rows.join(', ');
  return `(${names.join(', ')}) IN (${list})`;
}
