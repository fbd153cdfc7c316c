/**
 * Where an attempt failed:
 *
 * - `dns`: the host name led to no address
 * - `connect`: no connection, or one that broke off before the answer was complete
 * - `proxy`: no tunnel through the proxy of the application
 * - `tls`: no trusted, encrypted connection
 * - `timeout`: not done within the time allowed
 * - `blocked`: the network policy, or the proxy, refuses the address
 * - `protocol`: what came back is not HTTP, or too large in its headers
 * - `invalid`: the URL, method or headers cannot be sent
 * - `aborted`: stopped from this side, by a signal or because the sender was closed
 */
export type SendErrorClass =
  'dns' | 'connect' | 'proxy' | 'tls' | 'timeout' | 'blocked' | 'protocol' | 'invalid' | 'aborted';

/** Milliseconds. `dns`, `connect` and `tls` are there only when a connection was made for this request. */
export interface SendTimings {
  readonly dns?: number;
  readonly connect?: number;
  readonly tls?: number;
  /** From the start to the headers of the answer. */
  readonly firstByte?: number;
  /** From the start to the end, waiting for a free connection included. */
  readonly total: number;
}

/** The receiver answered, with whatever status. */
export interface SendAnswer {
  readonly ok: true;
  readonly statusCode: number;
  readonly headers: Record<string, string | string[]>;
  /** Text of the answer: at most 16 KB of UTF-8, without NUL; a compressed answer is not unpacked. */
  readonly body: string;
  /** Whether there was more than `body` holds. */
  readonly truncated: boolean;
  /** The address that was reached; through a proxy, the one it was asked for. */
  readonly remoteAddress: string | null;
  readonly timings: SendTimings;
}

/** There is no complete answer. */
export interface SendFailure {
  readonly ok: false;
  readonly errorClass: SendErrorClass;
  /** For operators: what happened, and what to do. Without the URL, which may hold a rendered secret. */
  readonly message: string;
  /** Whether the cause is on this side (our resolver, our network, our process) and says nothing about the receiver. */
  readonly ours: boolean;
  /** The status, when the answer had begun. */
  readonly statusCode: number | null;
  readonly remoteAddress: string | null;
  readonly timings: SendTimings;
}

/** What became of a request. */
export type SendResult = SendAnswer | SendFailure;
