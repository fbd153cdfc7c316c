import { QueryFailedError } from 'typeorm';
import type { Journal } from './journal.js';
import { executeTellingSql } from './rendered-sql.js';
import type { WriteQuery, WriteResult } from './typeorm-internals.js';

/**
 * Executes a statement whose changes are noted when it has returned. Should it fail after its SQL has run, in a hook of
 * the application for instance, its changes are there and not noted: the transaction must not commit.
 *
 * @param tell - told its SQL just before that is sent
 */
export async function executeNotedAfter(
  journal: Journal,
  query: WriteQuery,
  execute: () => Promise<WriteResult>,
  tell?: (sql: string) => void,
): Promise<WriteResult> {
  let sent: string | undefined;
  const told = (sql: string) => {
    sent = sql;
    tell?.(sql);
  };
  try {
    return await executeTellingSql(query, told, execute);
  } catch (error) {
    const refused = error instanceof QueryFailedError && error.query === sent;
    if (sent !== undefined && !refused) journal.fail(error);
    throw error;
  }
}
