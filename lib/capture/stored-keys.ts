import type { QueryRunner } from 'typeorm';
import { CaptureError } from './capture-error.js';
import type { CaptureTools } from './capture-tools.js';
import type { Key, TrackedTable } from './tracked-table.js';

/** Types whose values are read as they were given. Of the others a database may change the text: `1.5` is `1.50`. */
const AS_GIVEN: ReadonlySet<string> = new Set([
  'int',
  'integer',
  'tinyint',
  'smallint',
  'mediumint',
  'bigint',
  'varchar',
  'nvarchar',
  'text',
  'enum',
  'datetime',
  'timestamp',
]);

/**
 * Keys that were given to an INSERT, as the database holds them.
 *
 * @throws WebhooksError `WEBHOOKS_KEY_INEXACT` when the database does not know one by the value that was given
 */
export async function storedKeys(
  { dataSource, reader }: CaptureTools,
  runner: QueryRunner,
  table: TrackedTable,
  keys: readonly Key[],
): Promise<readonly Key[]> {
  const { keyColumns, root } = table;
  const asGiven = keyColumns.every((column) => AS_GIVEN.has(dataSource.driver.normalizeType(column)));
  if (asGiven || keys.length === 0) return keys;
  const query = { select: keyColumns, where: keyColumns, among: keys, lock: 'reread' as const };
  const stored = await reader.rows(runner, root, query);
  if (stored.length === keys.length) return stored.map((row) => table.keyOf(row));
  throw new CaptureError(
    'WEBHOOKS_KEY_INEXACT',
    `A row of ${root.name} was inserted, but is not found by the key that was given, because the database holds it in ` +
      'another form. Give the key as the database writes it.',
  );
}
