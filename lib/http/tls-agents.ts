import { Agent, Pool } from 'undici';
import { TracedClient } from './connection.js';
import { createGuardedConnector, type GuardedConnector, type TlsSettings } from './guarded-connector.js';
import type { NetworkPolicy } from './network-policy.js';
import type { Proxy } from './proxy.js';
import { createTunnelConnector } from './tunnel-connector.js';

/** How connections are kept. */
export interface ConnectionLimits {
  /** Connections to one origin; further requests wait for a free one. */
  readonly connections: number;
  /** Milliseconds after which an attempt to connect is given up. */
  readonly connectTimeout: number;
}

const MAX_AGENTS = 100;

/**
 * One agent for each way of checking certificates, so that a connection whose certificate was not checked is never
 * used for a webhook that wants it checked. The agents least recently used are closed when there are too many.
 */
export class TlsAgents {
  readonly #agents = new Map<string, Agent>();

  constructor(
    private readonly policy: NetworkPolicy,
    private readonly limits: ConnectionLimits,
    private readonly proxy?: Proxy,
    private readonly maxAgents = MAX_AGENTS,
  ) {}

  /** Agents that are open. */
  get size(): number {
    return this.#agents.size;
  }

  get(tls: TlsSettings): Agent {
    const key = `${tls.rejectUnauthorized ?? true}\n${tls.ca ?? ''}`;
    const agent = this.#agents.get(key) ?? this.#create(tls);
    // A Map keeps the order of insertion: what was used last goes to its end.
    this.#agents.delete(key);
    this.#agents.set(key, agent);
    for (const [oldest, evicted] of this.#agents) {
      if (this.#agents.size <= this.maxAgents) break;
      this.#agents.delete(oldest);
      // Lets its requests finish; there is nothing to do about an error of closing.
      evicted.close().catch(() => undefined);
    }
    return agent;
  }

  /** Breaks off every connection. */
  async destroy(): Promise<void> {
    const agents = [...this.#agents.values()];
    this.#agents.clear();
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  #create(tls: TlsSettings): Agent {
    const connector = this.#connector(tls);
    return new Agent({
      factory: (origin) =>
        new Pool(origin, {
          // No `clientTtl`: a pool that closes all its old connections at once leaves what it queued meanwhile there.
          connections: this.limits.connections,
          factory: (url) => {
            const client: TracedClient = new TracedClient(url, {
              connect: (options, callback) => connector(options, client.retrace(), callback),
              pipelining: 1,
              // The exchange has a timer of its own, which also counts what these do not.
              headersTimeout: 0,
              bodyTimeout: 0,
              keepAliveTimeout: 10_000,
              keepAliveMaxTimeout: 60_000,
              maxHeaderSize: 16_384,
            });
            return client;
          },
        }),
    });
  }

  #connector(tls: TlsSettings): GuardedConnector {
    const { policy, proxy, limits } = this;
    const direct = createGuardedConnector(policy, tls, limits.connectTimeout);
    if (proxy === undefined) return direct;
    const tunnel = createTunnelConnector(policy, proxy, tls, limits.connectTimeout);
    return (options, trace, callback) =>
      (proxy.skips(options.hostname) ? direct : tunnel)(options, trace, callback);
  }
}
