import { QueryFailedError } from 'typeorm';
import type { Journal } from './journal.js';
import { executeTellingSql } from './rendered-sql.js';
import type { WriteQuery, WriteResult } from './typeorm-internals.js';

/**
 * Executes a statement whose changes are noted when it has returned. Should it fail after its SQL has run, in a hook of
 * the application for instance, its changes are there and not noted: the transaction must not commit.
 */
export async function executeNotedAfter(
  journal: Journal,
  query: WriteQuery,
  execute: () => Promise<WriteResult>,
): Promise<WriteResult> {
  let sent: string | undefined;
  try {
    return await executeTellingSql(query, (sql) => (sent = sql), execute);
  } catch (error) {
    const refused = error instanceof QueryFailedError && error.query === sent;
    if (sent !== undefined && !refused) journal.fail(error);
    throw error;
  }
}
