import type { ConnectionPhase } from './connection.js';
import type { FailureDescription } from './describe-failure.js';

/** How far a request had come. */
export type ExchangePhase = 'queued' | Exclude<ConnectionPhase, 'open'> | 'sent' | 'answering';

const WHAT: Readonly<Record<ExchangePhase, string>> = {
  queued: 'All connections to the receiver were busy. It is slow, or gets more than it can take',
  dns: 'The name of the receiver was not resolved. Check the DNS of this machine',
  connect: 'No connection to the receiver came about. Check its address, and the firewalls on the way',
  proxy: 'No connection to the proxy came about. Check that it runs, and delivery.proxy.url',
  tunnel:
    'The proxy did not reach the receiver. Check the address of the receiver, and what the proxy may reach',
  tls: 'The receiver did not finish the TLS handshake. Is it https: at that port',
  sent: 'The receiver took the request and did not answer. Let it answer first and work afterwards, or raise the timeout',
  answering:
    'The receiver began to answer and did not finish. Let it answer with a short body, or raise the timeout',
};

/**
 * Says what a request was waiting for when its time was over. Only waiting for a resolver, or for a connection to the
 * proxy, is a fault of this side.
 */
export function describeTimeout(phase: ExchangePhase, timeout: number): FailureDescription {
  return {
    errorClass: phase === 'proxy' ? 'proxy' : 'timeout',
    ours: phase === 'dns' || phase === 'proxy',
    message: `Not done within ${timeout} ms. ${WHAT[phase]}.`,
  };
}
