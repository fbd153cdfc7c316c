import { NetworkError } from './network-error.js';
import type { SendErrorClass } from './send-result.js';

/**
 * Why there is no tunnel: the proxy itself (`proxy`), a receiver that it did not reach (`connect`), or an address or
 * port that it refuses (`blocked`).
 */
export type ProxyErrorClass = Extract<SendErrorClass, 'proxy' | 'connect' | 'blocked'>;

/** No tunnel through the proxy came about. The message names the proxy, never its credentials. */
export class ProxyError extends NetworkError {
  constructor(
    message: string,
    readonly errorClass: ProxyErrorClass,
    cause?: unknown,
  ) {
    super('WEBHOOKS_PROXY_FAILED', message, { cause });
  }
}
