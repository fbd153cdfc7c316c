import { NetworkError } from './network-error.js';

/** No tunnel through the proxy came about. The message names the proxy, never its credentials. */
export class ProxyError extends NetworkError {
  /** @param ours - whether it says nothing about the receiver */
  constructor(
    message: string,
    readonly ours: boolean,
    cause?: unknown,
  ) {
    super('WEBHOOKS_PROXY_FAILED', message, { cause });
  }
}
