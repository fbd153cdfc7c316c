import type { Agent, Dispatcher } from 'undici';
import { AnswerBody } from './answer-body.js';
import type { ConnectionTrace, TracedClient, TracedDispatchOptions } from './connection.js';
import { describeFailure, type FailureDescription } from './describe-failure.js';
import { describeTimeout, type ExchangePhase } from './describe-timeout.js';
import type { SendResult, SendTimings } from './send-result.js';

/** One request, ready to be written. */
export interface ExchangeRequest {
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | null;
  /** Milliseconds for everything. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

const STOPPED = new Error('The exchange is over.');

/** A connection that was idle may have been closed by the other side while the request was on its way. */
const STALE: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/**
 * One request and its answer. Settles once, by its own clock if by nothing else: the HTTP library does not look at
 * its timeouts and signals while a request waits for a name, a connection or its turn. What settled while waiting is
 * never sent afterwards.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #start = performance.now();
  #timer: NodeJS.Timeout | undefined;
  readonly #body = new AnswerBody();
  #client: TracedClient | undefined;
  #trace: ConnectionTrace | undefined;
  #isFirst = true;
  #isSent = false;
  #wasRepeated = false;
  #controller: Dispatcher.DispatchController | undefined;
  #isSettled = false;
  #statusCode = 0;
  #headers: Record<string, string | string[]> = {};
  #firstByte: number | undefined;

  constructor(
    private readonly agent: Agent,
    private readonly request: ExchangeRequest,
    private readonly settled: (result: SendResult) => void,
  ) {}

  /** Starts the clock and sends. */
  begin(): void {
    const { timeout, signal } = this.request;
    this.#timer = setTimeout(this.#onTimeout, timeout);
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (signal?.aborted === true) this.#onAbort();
    else this.#dispatch();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isSettled) {
      controller.abort(STOPPED);
      return;
    }
    this.#trace = this.#client?.trace;
    this.#isFirst = this.#trace?.requests === 0;
    if (this.#trace !== undefined) this.#trace.requests++;
    this.#isSent = true;
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // 100 to 199 only announce the answer.
    if (statusCode < 200) return;
    this.#firstByte = performance.now() - this.#start;
    this.#statusCode = statusCode;
    this.#headers = headers as Record<string, string | string[]>;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isSettled || !this.#body.add(chunk)) return;
    this.#answer();
    controller.abort(STOPPED);
  }

  onResponseEnd(): void {
    this.#answer();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.#isSettled) return;
    if (this.#mayRepeat(error)) {
      this.#wasRepeated = true;
      this.#isSent = false;
      this.#dispatch();
      return;
    }
    this.#fail(describeFailure(error));
  }

  /** Breaks the exchange off, for a reason on this side. */
  abort(message: string): void {
    this.#fail({ errorClass: 'aborted', ours: true, message });
  }

  /**
   * At-least-once allows it, the id in the headers makes it harmless, and without it an idle connection that the
   * receiver closes at the wrong moment would cost an attempt.
   */
  #mayRepeat(error: Error): boolean {
    const code = 'code' in error ? String(error.code) : '';
    return this.#isSent && !this.#isFirst && !this.#wasRepeated && this.#statusCode === 0 && STALE.has(code);
  }

  #dispatch(): void {
    const { origin, path, method, headers, body } = this.request;
    const options: TracedDispatchOptions = {
      origin,
      path,
      method,
      headers,
      body,
      onAssigned: (client) => {
        this.#client = client;
      },
    };
    try {
      this.agent.dispatch(options, this);
    } catch (error) {
      this.#fail(describeFailure(error));
    }
  }

  readonly #onTimeout = (): void => {
    this.#fail(describeTimeout(this.#phase(), this.request.timeout));
  };

  readonly #onAbort = (): void => this.abort('The request was stopped from this side before it was done.');

  #phase(): ExchangePhase {
    if (this.#statusCode > 0) return 'answering';
    if (this.#isSent) return 'sent';
    const phase = this.#client?.trace.phase;
    return phase === undefined || phase === 'open' ? 'queued' : phase;
  }

  #answer(): void {
    this.#settle({
      ok: true,
      statusCode: this.#statusCode,
      headers: this.#headers,
      ...this.#body.text(this.#headers['content-encoding']),
      remoteAddress: this.#remoteAddress(),
      timings: this.#timings(),
    });
  }

  #fail(description: FailureDescription): void {
    this.#settle({
      ok: false,
      ...description,
      statusCode: this.#statusCode || null,
      remoteAddress: this.#remoteAddress(),
      timings: this.#timings(),
    });
    this.#controller?.abort(STOPPED);
  }

  #settle(result: SendResult): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.request.signal?.removeEventListener('abort', this.#onAbort);
    this.settled(result);
  }

  #remoteAddress(): string | null {
    return (this.#trace ?? this.#client?.trace)?.remoteAddress ?? null;
  }

  #timings(): SendTimings {
    const { dns, connect, tls } = (this.#isFirst ? this.#client?.trace : undefined) ?? {};
    return {
      ...(dns === undefined ? {} : { dns: round(dns) }),
      ...(connect === undefined ? {} : { connect: round(connect) }),
      ...(tls === undefined ? {} : { tls: round(tls) }),
      ...(this.#firstByte === undefined ? {} : { firstByte: round(this.#firstByte) }),
      total: round(performance.now() - this.#start),
    };
  }
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
