import type { ProxyOptions } from '../options/webhooks-options.js';
import { describeFailure } from './describe-failure.js';
import { Exchange } from './exchange.js';
import type { TlsSettings } from './guarded-connector.js';
import type { NetworkPolicy } from './network-policy.js';
import { Proxy } from './proxy.js';
import { requestFault } from './request-faults.js';
import type { SendFailure, SendResult } from './send-result.js';
import { TlsAgents, type ConnectionLimits } from './tls-agents.js';

/** One request to a receiver. */
export interface SendRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Exactly what was signed. Default: no body. */
  readonly body?: string | Buffer | null;
  /** Milliseconds for everything: looking up, waiting, connecting, the headers and the body of the answer. */
  readonly timeout: number;
  readonly tls?: TlsSettings;
  /** Stops the request. */
  readonly signal?: AbortSignal;
}

const DEFAULT_LIMITS: ConnectionLimits = { connections: 64, connectTimeout: 15_000 };
const NO_TLS_SETTINGS: TlsSettings = {};
const MAX_TARGETS = 1_000;
const UNVERIFIED =
  'The certificate of the receiver must be checked here (delivery.network.requireSslVerification). ' +
  'Set sslVerification to true; a private authority goes into caCertificate.';

interface Target {
  readonly origin: string;
  readonly path: string;
}

/**
 * Sends requests to receivers: deliveries, test sends and probes alike, all under the network policy. Follows no
 * redirect, unpacks no compressed answer, uses no proxy but the one it is given, whatever the environment says, and
 * keeps connections for reuse.
 */
export class HttpSender {
  readonly #policy: NetworkPolicy;
  readonly #agents: TlsAgents;
  readonly #underway = new Set<Exchange>();
  readonly #targets = new Map<string, Target>();
  #isClosed = false;

  constructor(policy: NetworkPolicy, limits: Partial<ConnectionLimits> = {}, proxy?: ProxyOptions) {
    this.#policy = policy;
    this.#agents = new TlsAgents(
      policy,
      { ...DEFAULT_LIMITS, ...limits },
      proxy === undefined ? undefined : new Proxy(proxy),
    );
  }

  /** Sends one request. Never rejects for what may happen on a network: the result says what became of it. */
  send({
    url,
    method,
    headers,
    body = null,
    timeout,
    tls = NO_TLS_SETTINGS,
    signal,
  }: SendRequest): Promise<SendResult> {
    if (this.#isClosed) {
      return Promise.resolve(
        failed('aborted', 'The sender is closed, because the process is stopping.', true),
      );
    }
    let target: Target;
    try {
      target = this.#target(url);
    } catch (error) {
      const { errorClass, message, ours } = describeFailure(error);
      return Promise.resolve(failed(errorClass, message, ours));
    }
    if (
      this.#policy.requireSslVerification &&
      tls.rejectUnauthorized === false &&
      target.origin.startsWith('https:')
    ) {
      return Promise.resolve(failed('blocked', UNVERIFIED, false));
    }
    const fault = requestFault(method, headers);
    if (fault !== null) return Promise.resolve(failed('invalid', fault, false));
    return new Promise((resolve) => {
      const exchange: Exchange = new Exchange(
        this.#agents.get(tls),
        { ...target, method, headers, body, timeout, signal },
        (result) => {
          this.#underway.delete(exchange);
          resolve(result);
        },
      );
      this.#underway.add(exchange);
      exchange.begin();
    });
  }

  /** Breaks off what is under way, whose results say so, and closes every connection. Later requests are refused. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const exchange of this.#underway)
      exchange.abort('The process is stopping, so the request was broken off.');
    await this.#agents.destroy();
  }

  #target(url: string): Target {
    const known = this.#targets.get(url);
    if (known !== undefined) return known;
    const { origin, pathname, search } = this.#policy.checkUrl(url);
    const target = { origin, path: pathname + search };
    // Most URLs are the same for every delivery; those that templates make are not worth a better cache.
    if (this.#targets.size >= MAX_TARGETS) this.#targets.clear();
    this.#targets.set(url, target);
    return target;
  }
}

function failed(errorClass: SendFailure['errorClass'], message: string, ours: boolean): SendFailure {
  return {
    ok: false,
    errorClass,
    message,
    ours,
    statusCode: null,
    remoteAddress: null,
    timings: { total: 0 },
  };
}
