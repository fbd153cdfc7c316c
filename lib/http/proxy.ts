import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps, type RequestOptions } from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { ProxyOptions } from '../options/webhooks-options.js';
import { AddressList } from './address-list.js';
import { NetworkError } from './network-error.js';
import { bareHost } from './parse-target.js';
import { ProxyError } from './proxy-error.js';

/** The proxy says that it could not reach the receiver. */
const RECEIVER_UNREACHED: ReadonlySet<number> = new Set([502, 503, 504]);
/** The proxy works, and does not want this address or port. */
const TARGET_REFUSED: ReadonlySet<number> = new Set([403, 405]);
const MAX_HEADER_SIZE = 16_384;

/** The forward proxy of the application. It is asked for tunnels to addresses and never for names. */
export class Proxy {
  /** For messages: without credentials. */
  readonly name: string;
  readonly #url: URL;
  readonly #authorization: string | undefined;
  readonly #ca: string | undefined;
  readonly #direct = new AddressList();
  readonly #directNames: string[] = [];

  /** @throws NetworkError `WEBHOOKS_NETWORK_INVALID` for what is neither a host name nor a CIDR block */
  constructor({ url, noProxy = [], ca }: ProxyOptions) {
    this.#url = new URL(url);
    this.name = this.#url.origin;
    this.#authorization = basicCredentials(this.#url);
    this.#ca = ca;
    noProxy.forEach((entry, index) => {
      const option = `delivery.proxy.noProxy[${index}]`;
      if (isBlock(entry)) this.#direct.add(entry, option);
      else this.#directNames.push(directName(entry, option));
    });
  }

  /** Whether a receiver is reached without the proxy. */
  skips(hostname: string): boolean {
    const host = hostname.toLowerCase().replace(/\.$/, '');
    if (isIP(host) !== 0) return this.#direct.has(host);
    return this.#directNames.some((name) => host === name || host.endsWith(`.${name}`));
  }

  /**
   * Opens a tunnel.
   *
   * @param signal - gives up
   * @param reached - called when there is a connection to the proxy: what is waited for then is the receiver
   * @throws ProxyError (rejects)
   */
  open(address: string, port: number, signal: AbortSignal, reached: () => void): Promise<Socket> {
    const isSecure = this.#url.protocol === 'https:';
    const send = isSecure ? requestHttps : requestHttp;
    return new Promise((resolve, reject) => {
      let isReached = false;
      const request = send(
        this.#requestFor(isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`),
      );
      const stop = (): void => {
        request.destroy(this.#late(isReached));
      };
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      request.once('close', () => signal.removeEventListener('abort', stop));
      request.once('socket', (socket) =>
        socket.once(isSecure ? 'secureConnect' : 'connect', () => {
          isReached = true;
          reached();
        }),
      );
      request.once('connect', (answer: IncomingMessage, socket: Socket, early: Buffer) => {
        // Whoever takes the socket listens a moment later; unheard, an error would end the process.
        socket.on('error', () => undefined);
        const refusal = this.#refusal(answer.statusCode ?? 0, early);
        if (refusal === undefined) return resolve(socket);
        socket.destroy();
        reject(refusal);
      });
      request.on('error', (error) => reject(error instanceof ProxyError ? error : this.#failure(error)));
      request.end();
    });
  }

  #requestFor(target: string): RequestOptions {
    const host = bareHost(this.#url);
    return {
      protocol: this.#url.protocol,
      host,
      // Otherwise it is read from the header `host`, which is an address, and the proxy is told no name.
      servername: isIP(host) === 0 ? host : '',
      port: this.#url.port,
      method: 'CONNECT',
      path: target,
      headers: {
        host: target,
        connection: 'keep-alive',
        ...(this.#authorization === undefined ? {} : { 'proxy-authorization': this.#authorization }),
      },
      agent: false,
      maxHeaderSize: MAX_HEADER_SIZE,
      ...(this.#ca === undefined ? {} : { ca: this.#ca }),
    };
  }

  #refusal(status: number, early: Buffer): ProxyError | undefined {
    if (status >= 200 && status < 300) {
      return early.length === 0
        ? undefined
        : new ProxyError(
            `The proxy ${this.name} sent more than an answer to CONNECT. Check what it is.`,
            'proxy',
          );
    }
    if (RECEIVER_UNREACHED.has(status)) {
      return new ProxyError(
        `The proxy ${this.name} could not reach the receiver (${status}). Check the receiver's address, and what the proxy may reach.`,
        'connect',
      );
    }
    if (TARGET_REFUSED.has(status)) {
      return new ProxyError(
        `The proxy ${this.name} refuses this address or port (${status}). Allow CONNECT to it there or change the URL of the webhook, then retry.`,
        'blocked',
      );
    }
    return new ProxyError(
      status === 407
        ? `The proxy ${this.name} asks for other credentials (407). Correct user name and password in delivery.proxy.url.`
        : `The proxy ${this.name} opened no tunnel (${status}). It must allow CONNECT to addresses and to this port.`,
      'proxy',
    );
  }

  #late(isReached: boolean): ProxyError {
    return isReached
      ? new ProxyError(
          `The proxy ${this.name} did not reach the receiver in time. Check the receiver's address, and what the proxy may reach.`,
          'connect',
        )
      : new ProxyError(
          `The proxy ${this.name} could not be reached in time. Check that it runs, and delivery.proxy.url.`,
          'proxy',
        );
  }

  #failure(error: Error): ProxyError {
    const code = 'code' in error ? String(error.code) : error.message;
    return new ProxyError(
      code.startsWith('HPE_')
        ? `The proxy ${this.name} did not answer in HTTP (${code}). Check delivery.proxy.url.`
        : `The proxy ${this.name} cannot be used (${code}). Check that it runs, and delivery.proxy.url.`,
      'proxy',
      error,
    );
  }
}

function isBlock(entry: string): boolean {
  return /^[\d.]+(?:\/|$)|:/.test(entry);
}

function directName(entry: string, option: string): string {
  const name = entry.toLowerCase().replace(/^\.|\.$/g, '');
  if (/^[\w-]+(?:\.[\w-]+)*$/.test(name)) return name;
  throw new NetworkError(
    'WEBHOOKS_NETWORK_INVALID',
    `${option} is ${JSON.stringify(entry)}, which is no host name. Write it like internal.example, which covers everything below it, or as a CIDR block.`,
  );
}

function basicCredentials({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(text).toString('base64')}`;
}
