import type { DataSource, EntityManager } from 'typeorm';
import { requireDialect } from './dialect.js';

/**
 * Runs a transaction in which each statement sees what is committed by then. MySQL's default would answer from the
 * snapshot of the first read and lock gaps. SQLite has one writer and needs no level.
 */
export function readCommitted<Result>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<Result>,
): Promise<Result> {
  return requireDialect(dataSource) === 'sqlite'
    ? dataSource.transaction(work)
    : dataSource.transaction('READ COMMITTED', work);
}
