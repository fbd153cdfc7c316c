import type { SerialisedSubject } from './serialised-subject.js';

/** An event, of which the default body shows these parts. */
export type DefaultBodySubject = Omit<SerialisedSubject, 'changed' | 'event'> & { readonly event: string };

/**
 * The body of a webhook without a body template: a JSON object of `event, timestamp, model, username, request_id,
 * data, snapshots`, in that order.
 *
 * Data and snapshots are JSON texts and become part of the body as they are: their bytes never change.
 */
export function defaultBody(subject: DefaultBodySubject): string {
  const { event, timestamp, model, username, requestId } = subject;
  const head = JSON.stringify({ event, timestamp, model, username, request_id: requestId }).slice(0, -1);
  const snapshots = `{"prechange":${subject.prechange ?? 'null'},"postchange":${subject.postchange ?? 'null'}}`;
  return `${head},"data":${subject.data},"snapshots":${snapshots}}`;
}
