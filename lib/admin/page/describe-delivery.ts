import type { WebhookAttempt } from '../../model/webhook-attempt.entity.js';
import type { DeliveryStatus } from '../../model/webhook-delivery.entity.js';
import type { DeliveryView } from '../queries/read-delivery.js';

/** A moment in the life of a delivery. */
export interface Moment {
  readonly at: Date;
  readonly what: string;
  /** Milliseconds since the moment before; `null` for the first. */
  readonly after: number | null;
}

/** From the change to the answer. */
export function timeline({ source, createdAt, history, finishedAt, status }: DeliveryView): Moment[] {
  const moments: [Date, string][] = [
    ...(source === null ? [] : [[source.occurredAt, 'Change committed, event written'] as [Date, string]]),
    [createdAt, 'Delivery made'],
    ...history.flatMap(({ number, startedAt, duration, statusCode, errorClass }): [Date, string][] => [
      [startedAt, `Attempt ${number} sent`],
      [new Date(startedAt.getTime() + duration), answered(statusCode, errorClass)],
    ]),
    ...(status === 'cancelled' && finishedAt !== null ? [[finishedAt, 'Cancelled'] as [Date, string]] : []),
  ];
  const sorted = moments.toSorted(([a], [b]) => a.getTime() - b.getTime());
  return sorted.map(([at, what], index) => {
    const previous = sorted[index - 1]?.[0];
    return { at, what, after: previous === undefined ? null : at.getTime() - previous.getTime() };
  });
}

function answered(statusCode: number | null, errorClass: string | null): string {
  if (statusCode !== null) return `Answered ${statusCode}`;
  return errorClass !== null && UNSENT.has(errorClass) ? 'Could not be sent' : 'Failed without an answer';
}

/** Classes of errors before anything is sent. */
const UNSENT: ReadonlySet<string> = new Set(['template', 'key', 'internal', 'blocked', 'invalid']);

/** What to do about a failed attempt, in words, and whether another follows by itself; `null` for a success. */
export function adviceFor(
  { errorClass, statusCode }: Pick<WebhookAttempt, 'errorClass' | 'statusCode'>,
  status: DeliveryStatus,
): string | null {
  if (errorClass === null) return null;
  const isHttp = errorClass === 'http' && statusCode !== null;
  const advice = isHttp
    ? (STATUS_ADVICE[statusCode] ?? adviceForClass(statusCode))
    : CLASS_ADVICE[errorClass];
  if (advice === undefined) return null;
  const passes = (isHttp && statusCode >= 500) || PASSING.has(errorClass);
  return passes && status === 'pending' ? `${advice} It is tried again by itself.` : advice;
}

/** Classes of errors that pass without a change of the webhook. */
const PASSING: ReadonlySet<string> = new Set(['key', 'internal']);

function adviceForClass(statusCode: number): string {
  if (statusCode >= 500) return 'The endpoint has a fault of its own; its log says more.';
  if (statusCode >= 400)
    return 'The endpoint does not accept the request. Compare it with what the endpoint expects.';
  return 'Only 2xx counts as delivered. Use the address that answers with 2xx itself.';
}

const STATUS_ADVICE: Readonly<Record<number, string>> = {
  401: 'The endpoint wants to know who asks. Add its credentials as a secret variable and a header.',
  403: 'The endpoint refuses these credentials, or the address that the request comes from.',
  404: 'There is nothing at this address. Check the URL and the values in it.',
  405: 'The endpoint does not take this method. Check the method of the webhook.',
  410: 'The endpoint says that it is gone for good.',
  413: 'The body is too large for the endpoint. Send less with a body template.',
  415: 'The endpoint does not take this content type.',
  422: 'The endpoint understood the body and does not accept its values. Its answer usually says why.',
  429: 'The endpoint wants fewer requests. Set a rate limit.',
};

const CLASS_ADVICE: Readonly<Record<string, string>> = {
  dns: 'The name of the host could not be found. Check the URL for typing errors.',
  connect: 'Nothing accepts connections there. Is the endpoint running, and may this host reach it?',
  tls: 'The encrypted connection failed. Check the certificate of the endpoint, or set its authority as CA certificate.',
  timeout: 'The endpoint took too long. It should answer first and work afterwards; or raise the timeout.',
  blocked: 'This address may not be reached. Only public addresses may, unless the application allows more.',
  invalid: 'What the templates rendered is no request that can be sent.',
  template: 'A template could not be rendered. Correct the webhook, then retry.',
  key: 'The worker lacks the key of a secret. Give it to all processes; nothing is lost.',
  internal: 'A fault of this application. Its log says more; nothing is lost.',
  reset: 'The endpoint closed the connection before it answered.',
};
