import { Client, type Dispatcher } from 'undici';

/** What a connection is doing: through a proxy, `proxy` until that is reached and `tunnel` until the receiver is. */
export type ConnectionPhase = 'dns' | 'connect' | 'proxy' | 'tunnel' | 'tls' | 'open';

/** How one connection came about, for attempt records. Durations in milliseconds. */
export class ConnectionTrace {
  phase: ConnectionPhase = 'dns';
  /** Through a proxy, the address it was asked for. */
  remoteAddress: string | null = null;
  /** Requests sent on it so far. */
  requests = 0;
  dns: number | undefined;
  connect: number | undefined;
  tls: number | undefined;
}

/** Options of a request as they travel through the agent, with somebody who wants to know its connection. */
export interface TracedDispatchOptions extends Dispatcher.DispatchOptions {
  readonly onAssigned: (client: TracedClient) => void;
}

/** Holds one connection after another to one origin, and tells each request which one it was given. */
export class TracedClient extends Client {
  /** The connection there is, or the one that is being made. */
  trace = new ConnectionTrace();

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    (options as TracedDispatchOptions).onAssigned(this);
    return super.dispatch(options, handler);
  }

  /** Begins the trace of a new connection. */
  retrace(): ConnectionTrace {
    this.trace = new ConnectionTrace();
    return this.trace;
  }
}
