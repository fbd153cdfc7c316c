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

/**
 * As {@link readCommitted}, for statements that take the first rows of an index. PostgreSQL's planner goes by
 * statistics that are older than a backlog: it expects a handful of rows, and reads and sorts a hundred thousand for
 * each batch of them. Told not to sort, it reads the index in its order.
 */
export function inIndexOrder<Result>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<Result>,
): Promise<Result> {
  return readCommitted(dataSource, async (manager) => {
    if (dataSource.options.type === 'postgres') await manager.query('SET LOCAL enable_sort = off');
    return work(manager);
  });
}

/** As {@link inIndexOrder}, for reading only: where nothing need be told to the planner, no transaction is opened. */
export function readInIndexOrder<Result>(
  dataSource: DataSource,
  read: (manager: EntityManager) => Promise<Result>,
): Promise<Result> {
  return dataSource.options.type === 'postgres' ? inIndexOrder(dataSource, read) : read(dataSource.manager);
}
