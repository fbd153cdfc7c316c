import type { QueryRunner } from 'typeorm';
import type { Row } from './tracked-table.js';

/** Runs a SELECT of capture's own on the connection of the change. */
export function readRows(
  runner: QueryRunner,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  return runner.query(sql, [...parameters]) as Promise<unknown> as Promise<Row[]>;
}
