import type { Socket } from 'node:net';
import { callbackify } from 'node:util';
import { buildConnector } from 'undici';
import type { ConnectionTrace } from './connection.js';
import { unresolved, type GuardedConnector, type TlsSettings } from './guarded-connector.js';
import type { ResolvedAddress } from './lookup-addresses.js';
import type { NetworkPolicy } from './network-policy.js';
import { ProxyError } from './proxy-error.js';
import type { Proxy } from './proxy.js';

/**
 * Opens connections through a proxy, under the same policy: names are resolved and vetted here, and the proxy is asked
 * for a tunnel to an address that was vetted, so that it has no name to resolve to something else. TLS is between this
 * side and the receiver.
 *
 * @param timeout milliseconds after which an attempt to connect is given up
 */
export function createTunnelConnector(
  policy: NetworkPolicy,
  proxy: Proxy,
  tls: TlsSettings,
  timeout: number,
): GuardedConnector {
  const handshake = buildConnector({
    rejectUnauthorized: tls.rejectUnauthorized ?? true,
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    allowH2: false,
    timeout,
  });
  const encrypt = (options: buildConnector.Options) =>
    new Promise<Socket>((resolve, reject) => {
      handshake(options, (...[error, socket]) => {
        if (error === null) return resolve(socket);
        options.httpSocket?.destroy();
        reject(error);
      });
    });
  const connect = callbackify(async (options: buildConnector.Options, trace: ConnectionTrace) => {
    const tunnel = await openTunnel(policy, proxy, options, trace, timeout);
    if (options.protocol === 'https:') {
      trace.phase = 'tls';
      const start = performance.now();
      const encrypted = await encrypt({ ...options, httpSocket: tunnel });
      trace.tls = performance.now() - start;
      trace.phase = 'open';
      return encrypted;
    }
    trace.phase = 'open';
    return tunnel.setNoDelay(true).setKeepAlive(true, 60_000);
  });
  return (options, trace, callback) => {
    connect(options, trace, (error, socket) => {
      if (error === null) callback(null, socket);
      else callback(error, null);
    });
  };
}

async function openTunnel(
  policy: NetworkPolicy,
  proxy: Proxy,
  { hostname, protocol, port }: buildConnector.Options,
  trace: ConnectionTrace,
  timeout: number,
): Promise<Socket> {
  const signal = AbortSignal.timeout(timeout);
  const start = performance.now();
  const addresses = await resolved(policy, hostname, signal);
  trace.dns = performance.now() - start;
  const number = Number(port) || (protocol === 'https:' ? 443 : 80);
  const open = (address: string, until: AbortSignal) => {
    trace.phase = 'proxy';
    return proxy.open(address, number, until, () => (trace.phase = 'tunnel'));
  };
  const { socket, address } = await firstTunnel(
    open,
    addresses,
    signal,
    Math.ceil(timeout / addresses.length),
  );
  trace.connect = performance.now() - start - trace.dns;
  trace.remoteAddress = address;
  return socket;
}

/**
 * One address after the other, as long as the reason is not the proxy itself. Each but the last has a share of the time,
 * and those of IPv4 go first: many proxies have no way to IPv6, and not all of them say so.
 *
 * @param share - milliseconds
 */
async function firstTunnel(
  open: (address: string, until: AbortSignal) => Promise<Socket>,
  addresses: readonly ResolvedAddress[],
  signal: AbortSignal,
  share: number,
): Promise<{ socket: Socket; address: string }> {
  const errors: ProxyError[] = [];
  for (const [index, { address }] of addresses.toSorted((a, b) => a.family - b.family).entries()) {
    const isLast = index === addresses.length - 1;
    try {
      const until = isLast ? signal : AbortSignal.any([signal, AbortSignal.timeout(share)]);
      return { socket: await open(address, until), address };
    } catch (error) {
      if (!(error instanceof ProxyError) || error.errorClass === 'proxy' || signal.aborted) throw error;
      errors.push(error);
    }
  }
  // A receiver that was not reached may be reached later; a refusal ends the delivery.
  throw errors.find(({ errorClass }) => errorClass === 'connect') ?? errors[0];
}

function resolved(
  policy: NetworkPolicy,
  hostname: string,
  signal: AbortSignal,
): Promise<readonly ResolvedAddress[]> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(unresolved(hostname, new Error('no answer in time')));
    signal.addEventListener('abort', late, { once: true });
    policy
      .addressesOf(hostname)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', late));
  });
}
