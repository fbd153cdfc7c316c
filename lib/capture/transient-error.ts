/** SQLSTATE, MySQL numbers and SQLite names of deadlocks, lock timeouts and serialization failures. */
const TRANSIENT = new Set<unknown>([
  '40001',
  '40P01',
  '55P03',
  1205,
  1213,
  3572,
  'SQLITE_BUSY',
  'SQLITE_BUSY_SNAPSHOT',
]);

/**
 * Whether the database asks to try the whole transaction again. Such errors are passed on as they are, so that an
 * application's own way of retrying still recognises them.
 */
export function isTransient(error: unknown): boolean {
  const { code, errno } =
    (error as { driverError?: { code?: unknown; errno?: unknown } } | undefined)?.driverError ?? {};
  return TRANSIENT.has(code) || TRANSIENT.has(errno);
}
