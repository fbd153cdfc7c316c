import { randomUUID } from 'node:crypto';

/** What a request id may look like: it ends up in logs, in the database and in a response header. */
const WELL_FORMED = /^[\w.:@+/=-]{1,128}$/;

/** The given request id if it is well-formed, else a new one. */
export function requestIdFrom(header: string | string[] | undefined): string {
  return typeof header === 'string' && WELL_FORMED.test(header) ? header : randomUUID();
}
