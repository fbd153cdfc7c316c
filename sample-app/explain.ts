import { PlainError } from './common/plain-error.js';

/** What went wrong in a sentence, where that is all one needs to know; else with the stack. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code = '', severity } = error as NodeJS.ErrnoException & { severity?: string };
  if (error instanceof PlainError || code.startsWith('WEBHOOKS_')) return error.message;
  if (code === 'EADDRINUSE') return 'The port is in use by another program. Set PORT to a free one.';
  // PostgreSQL's own words, such as a wrong password or a database that does not exist.
  if (severity !== undefined) return `The database at DATABASE_URL says: ${error.message}.`;
  return error.stack ?? error.message;
}
