import { WebhooksError } from '../common/webhooks-error.js';
import type { SendResult } from '../http/send-result.js';
import { retryAfter } from './retry-after.js';

/**
 * Whose failure it is decides what follows: the receiver's counts against the schedule; ours does not and is tried
 * again soon; the definition's ends the delivery until somebody changes the webhook.
 */
export type FailureOrigin = 'receiver' | 'ours' | 'definition';

/** How an attempt ended. */
export interface AttemptResult {
  /** `null` for a success. */
  readonly failure: FailureOrigin | null;
  readonly statusCode: number | null;
  readonly errorClass: string | null;
  readonly error: string | null;
  readonly remoteAddress: string | null;
  readonly responseHeaders: Readonly<Record<string, string>> | null;
  readonly responseBody: string | null;
  readonly timings: Readonly<Record<string, number>> | null;
  /** Milliseconds that the receiver asks to wait; 0 when it does not. */
  readonly retryAfter: number;
  /** What the answer says of the whole endpoint. */
  readonly endpoint: 'gone' | 'overloaded' | null;
}

const NOTHING = {
  statusCode: null,
  remoteAddress: null,
  responseHeaders: null,
  responseBody: null,
  timings: null,
  retryAfter: 0,
  endpoint: null,
} as const;

/** Statuses whose `Retry-After` is honoured. */
const ASKS_TO_WAIT: ReadonlySet<number> = new Set([429, 503]);
/** Statuses after which fewer requests are sent at a time. */
const OVERLOADED: ReadonlySet<number> = new Set([429, 502, 504]);
/** Errors of a process that was not given a key. */
const LACKS_KEY: ReadonlySet<string> = new Set(['WEBHOOKS_KEY_MISSING', 'WEBHOOKS_KEY_UNKNOWN']);

/** What came back, judged: 2xx is success, nothing else. */
export function judgeResult(result: SendResult): AttemptResult {
  if (!result.ok) {
    return {
      ...NOTHING,
      failure: ['blocked', 'invalid'].includes(result.errorClass)
        ? 'definition'
        : result.ours
          ? 'ours'
          : 'receiver',
      statusCode: result.statusCode,
      errorClass: result.errorClass,
      error: result.message,
      remoteAddress: result.remoteAddress ?? null,
      timings: { ...result.timings },
    };
  }
  const { statusCode } = result;
  const success = statusCode >= 200 && statusCode < 300;
  return {
    failure: success ? null : 'receiver',
    statusCode,
    errorClass: success ? null : 'http',
    error: success ? null : describeStatus(statusCode),
    remoteAddress: result.remoteAddress ?? null,
    responseHeaders: flatten(result.headers),
    responseBody: result.body,
    timings: { ...result.timings },
    retryAfter: ASKS_TO_WAIT.has(statusCode) ? retryAfter(result.headers, Date.now()) : 0,
    endpoint: statusCode === 410 ? 'gone' : OVERLOADED.has(statusCode) ? 'overloaded' : null,
  };
}

/**
 * A request that could not be made, with what was thrown instead. What this library says about a webhook is of its
 * definition, but for a key that this process lacks: while keys are rotated another one has it, or this one once it is
 * started again. What was not foreseen is ours.
 */
export function requestFailure(error: unknown): AttemptResult {
  const { message } = error instanceof Error ? error : new Error(String(error));
  if (!(error instanceof WebhooksError))
    return { ...NOTHING, failure: 'ours', errorClass: 'internal', error: message };
  return LACKS_KEY.has(error.code)
    ? { ...NOTHING, failure: 'ours', errorClass: 'key', error: message }
    : { ...NOTHING, failure: 'definition', errorClass: 'template', error: message };
}

function describeStatus(statusCode: number): string {
  if (statusCode >= 300 && statusCode < 400) {
    return `The endpoint answered ${statusCode}. Redirects are not followed: put the final address into the webhook's URL.`;
  }
  if (statusCode === 410)
    return 'The endpoint answered 410: it is gone for good, so the webhook was disabled.';
  return `The endpoint answered ${statusCode}; only 2xx counts as delivered.`;
}

function flatten(headers: Readonly<Record<string, string | readonly string[]>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : value.join(', '),
    ]),
  );
}
