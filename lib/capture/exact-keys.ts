import type { DataSource } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { CaptureError } from './capture-error.js';
import type { Key, TrackedTable } from './tracked-table.js';

/** Digits after the second of these types, where the column does not say. */
const DIGITS: Readonly<Record<string, number>> = {
  timestamp: 6,
  'timestamp without time zone': 6,
  timestamptz: 6,
  'timestamp with time zone': 6,
};

/**
 * Refuses tracked entities whose primary key holds times finer than a millisecond: drivers give them as `Date`, which
 * names another row, and an object that is not found again would be told as deleted.
 *
 * @throws WebhooksError `WEBHOOKS_KEY_INEXACT`
 */
export function requireExactKeys(dataSource: DataSource, tables: readonly TrackedTable[]): void {
  // Its drivers give the text of times.
  if (['better-sqlite3', 'sqljs'].includes(dataSource.options.type)) return;
  for (const { root, keyColumns } of tables) {
    const column = keyColumns.find((each) => digits(dataSource, each) > 3);
    if (column === undefined) continue;
    throw new CaptureError(
      'WEBHOOKS_KEY_INEXACT',
      `${root.name}.${column.propertyPath} is part of the primary key and a time finer than a millisecond, which a ` +
        'JavaScript Date cannot hold: changes of it would be told of other objects. Give the column `precision: 3`, use ' +
        'another key, or take @WebhookEntity() from the entity.',
    );
  }
}

/**
 * Refuses keys with times that the database would round or cut, and then knows by another value.
 *
 * @throws WebhooksError `WEBHOOKS_KEY_INEXACT`
 */
export function requireExactTimes(
  dataSource: DataSource,
  { root, keyColumns }: TrackedTable,
  keys: readonly (Key | undefined)[],
): void {
  if (!['mysql', 'mariadb'].includes(dataSource.options.type)) return;
  const column = keyColumns.find((each, index) => {
    const unit = 10 ** Math.max(3 - digits(dataSource, each), 0);
    return keys.some((key) => {
      const value = key?.[index];
      return value instanceof Date && value.getTime() % unit !== 0;
    });
  });
  if (column === undefined) return;
  throw new CaptureError(
    'WEBHOOKS_KEY_INEXACT',
    `${root.name}.${column.propertyPath} is part of the primary key and was given a time finer than the column holds. ` +
      'Give the column `precision: 3`, or give times without milliseconds.',
  );
}

function digits(dataSource: DataSource, column: ColumnMetadata): number {
  const type = dataSource.driver.normalizeType(column);
  if (dataSource.options.type !== 'postgres') {
    return ['datetime', 'timestamp'].includes(type) ? (column.precision ?? 0) : 0;
  }
  return type in DIGITS ? (column.precision ?? DIGITS[type] ?? 0) : 0;
}
