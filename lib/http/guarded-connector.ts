import { isIP, type LookupFunction, type Socket } from 'node:net';
import { callbackify } from 'node:util';
import { buildConnector } from 'undici';
import type { ConnectionTrace } from './connection.js';
import { NetworkError } from './network-error.js';
import type { NetworkPolicy } from './network-policy.js';

/** How the certificate of a receiver is checked. */
export interface TlsSettings {
  /**
   * Refuse certificates that are not trusted.
   *
   * @defaultValue `true`
   */
  readonly rejectUnauthorized?: boolean;
  /** PEM certificates to trust **instead of** the system's. */
  readonly ca?: string;
}

/** Opens a connection, under the policy. */
export type GuardedConnector = (
  options: buildConnector.Options,
  trace: ConnectionTrace,
  callback: buildConnector.Callback,
) => void;

/**
 * Opens connections only to addresses the policy has vetted: literals are checked here, because Node looks up no
 * literal; names are resolved once, by the policy, and the connection goes to exactly those addresses; and what it
 * reached in the end is checked once more.
 *
 * @param timeout milliseconds after which an attempt to connect is given up, so that it does not outlive its requests
 */
export function createGuardedConnector(
  policy: NetworkPolicy,
  tls: TlsSettings,
  timeout: number,
): GuardedConnector {
  const connect = buildConnector({
    // Types of undici want a host and port here, which it sets itself for each connection.
    ...({
      rejectUnauthorized: tls.rejectUnauthorized ?? true,
      autoSelectFamily: true,
    } as buildConnector.BuildOptions),
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    lookup: guardedLookup(policy),
    allowH2: false,
    timeout,
  }) as (options: buildConnector.Options, callback: buildConnector.Callback) => Socket;

  return (options, trace, callback) => {
    const start = performance.now();
    const since = (before = 0): number => performance.now() - start - before;
    const host = options.hostname;
    if (isIP(host) !== 0 && !policy.permits(host)) {
      queueMicrotask(() => callback(refused(host), null));
      return;
    }
    if (isIP(host) !== 0) trace.phase = 'connect';
    const socket = connect(options, (error, connected) => {
      if (error !== null) {
        // The time to connect may be over while the resolver is still asked.
        const isOver = trace.phase === 'dns' && 'code' in error && error.code === 'UND_ERR_CONNECT_TIMEOUT';
        callback(isOver ? unresolved(host, error) : error, null);
        return;
      }
      const { remoteAddress } = connected;
      trace.remoteAddress = remoteAddress ?? null;
      if (remoteAddress === undefined || !policy.permits(remoteAddress)) {
        connected.destroy();
        callback(remoteAddress === undefined ? brokenOff() : refused(remoteAddress), null);
        return;
      }
      if (options.protocol === 'https:') trace.tls = since((trace.dns ?? 0) + (trace.connect ?? 0));
      else trace.connect = since(trace.dns);
      trace.phase = 'open';
      callback(null, connected);
    });
    socket.once('lookup', () => {
      trace.dns = since();
      trace.phase = 'connect';
    });
    if (options.protocol !== 'https:') return;
    socket.once('connect', () => {
      trace.remoteAddress = socket.remoteAddress ?? null;
      trace.connect = since(trace.dns);
      trace.phase = 'tls';
      // Not even a handshake with an address that was not vetted.
      if (socket.remoteAddress !== undefined && !policy.permits(socket.remoteAddress)) {
        socket.destroy(refused(socket.remoteAddress));
      }
    });
  };
}

function guardedLookup(policy: NetworkPolicy): LookupFunction {
  const find = callbackify((hostname: string) => policy.addressesOf(hostname));
  return (hostname, { all }, callback) => {
    find(hostname, (error, addresses) => {
      const [first] = error === null ? addresses : [];
      if (error !== null) callback(error, []);
      else if (all) callback(null, [...addresses]);
      else callback(null, first?.address ?? '', first?.family);
    });
  };
}

function refused(address: string): NetworkError {
  return new NetworkError(
    'WEBHOOKS_ADDRESS_BLOCKED',
    `The address ${address} may not be reached. If that receiver is meant, have it added to delivery.network.allow.`,
  );
}

/** A connection that was reset as soon as it was there has no address any more: nothing is known to be forbidden. */
function brokenOff(): Error {
  return Object.assign(new Error('The connection was reset as soon as it was made.'), { code: 'ECONNRESET' });
}

/** A name whose look-up took too long. */
export function unresolved(host: string, cause: Error): NetworkError {
  return new NetworkError(
    'WEBHOOKS_NAME_UNRESOLVED',
    `The name ${host} was not resolved in time. Check the DNS of this machine.`,
    { cause },
  );
}
