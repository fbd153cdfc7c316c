import type { EntityMetadata, QueryRunner } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { CaptureError } from './capture-error.js';
import type { CaptureTools } from './capture-tools.js';
import { readRows } from './read-rows.js';
import { SqlText } from './sql-text.js';

const known = new WeakMap<EntityMetadata, Map<string, readonly ColumnMetadata[]>>();

/**
 * The columns of a constraint that a statement names, as PostgreSQL has it: the primary key's name and constraints that
 * no entity declares are known to nobody else. Empty where there is none of that name.
 *
 * @throws WebhooksError `WEBHOOKS_WRITE_UNCAPTURED` when the entity lacks one of the columns
 */
export async function constraintColumns(
  { dataSource, dialect }: CaptureTools,
  runner: QueryRunner,
  metadata: EntityMetadata,
  name: string,
): Promise<readonly ColumnMetadata[]> {
  const constraints = known.get(metadata) ?? new Map<string, readonly ColumnMetadata[]>();
  known.set(metadata, constraints);
  let columns = constraints.get(name);
  if (columns !== undefined) return columns;
  const rows = await readRows(
    runner,
    `SELECT a.attname AS name FROM pg_catalog.pg_constraint c
     JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
     WHERE c.conrelid = $1::regclass AND c.conname = $2`,
    [new SqlText(dataSource, dialect).table(metadata), name],
  );
  columns = rows.flatMap((row) => metadata.findColumnWithDatabaseName(String(row['name'])) ?? []);
  if (columns.length < rows.length) throw unknownColumns(metadata, name);
  if (columns.length > 0) constraints.set(name, columns);
  return columns;
}

function unknownColumns({ name: entity }: EntityMetadata, name: string): CaptureError {
  return new CaptureError(
    'WEBHOOKS_WRITE_UNCAPTURED',
    `An INSERT into ${entity} decides by the constraint "${name}" over columns that the entity does not have, so that the ` +
      'rows it would change cannot be known before, and it was not run. Declare the columns, or use record() with raw SQL.',
  );
}
