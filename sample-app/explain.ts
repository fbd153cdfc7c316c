import { ServiceUnavailableError } from './services/service-unavailable.error.js';

const SENTENCES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'The port is in use by another program. Set PORT to a free one.',
  ECONNREFUSED: 'Nothing answers at DATABASE_URL or REDIS_URL. Start it, or unset the variable.',
};

/** What went wrong in a sentence, where that is all one needs to know; else with the stack. */
export function explain(error: unknown): string {
  if (error instanceof ServiceUnavailableError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { code = '' } = error as NodeJS.ErrnoException;
  if (code.startsWith('WEBHOOKS_')) return error.message;
  return SENTENCES[code] ?? error.stack ?? error.message;
}
