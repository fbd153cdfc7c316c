import { NetworkError } from './network-error.js';
import { ProxyError } from './proxy-error.js';
import type { SendErrorClass } from './send-result.js';

/** What is said of a failure. */
export interface FailureDescription {
  readonly errorClass: SendErrorClass;
  readonly message: string;
  readonly ours: boolean;
}

/** Codes of a socket that tell of this machine's network, not of the receiver. */
const OUR_NETWORK: ReadonlySet<string> = new Set([
  'EACCES',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
  'EMFILE',
  'ENETDOWN',
  'ENETUNREACH',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EPERM',
]);

const CONNECT_ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there. Start the receiver, or correct the port.',
  ECONNRESET: 'The receiver broke the connection off. Look into its log, or that of a proxy before it.',
  EPIPE: 'The receiver broke the connection off. Look into its log, or that of a proxy before it.',
  UND_ERR_SOCKET: 'The receiver closed the connection before its answer was complete. Look into its log.',
  EHOSTUNREACH: 'No way leads to that address. Check it, and the routes and firewalls on the way.',
  ETIMEDOUT: 'Nothing answered at that address. Check it, and the firewalls on the way.',
  UND_ERR_CONNECT_TIMEOUT: 'Nothing answered at that address. Check it, and the firewalls on the way.',
};

const TLS_ADVICE: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'it is signed by itself. Give it, or its authority, as the CA certificate of the webhook.',
  SELF_SIGNED_CERT_IN_CHAIN:
    'its authority is not known here. Give that authority as the CA certificate of the webhook.',
  UNABLE_TO_GET_ISSUER_CERT:
    'its authority is not known here. Give that authority as the CA certificate of the webhook.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its authority is not known here. Give that authority as the CA certificate of the webhook, or let the receiver send its intermediate certificates.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its chain is incomplete. Let the receiver send its intermediate certificates, or give its authority as the CA certificate of the webhook.',
  CERT_HAS_EXPIRED: 'it has expired. Renew it.',
  CERT_NOT_YET_VALID: 'it is not valid yet. Check the clocks.',
  CERT_REVOKED: 'it was revoked. Replace it.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another host name. Use a name that the certificate covers.',
};

/** Sorts an error of the HTTP library, the socket, TLS, the resolver or the policy, and words it for operators. */
export function describeFailure(error: unknown): FailureDescription {
  if (error instanceof ProxyError)
    return failure(error.errorClass, error.errorClass === 'proxy', error.message);
  if (error instanceof NetworkError) return describeNetworkError(error);
  // Happy eyeballs tried several addresses: one that was the receiver's fault decides.
  if (error instanceof AggregateError && error.errors.length > 0) {
    const all = error.errors.map((each: unknown) => describeFailure(each));
    return all.find(({ ours }) => !ours) ?? all[0] ?? failure('connect', false, error.message);
  }
  const code = codeOf(error);
  const detail = error instanceof Error ? error.message : String(error);
  if (OUR_NETWORK.has(code)) {
    return failure(
      'connect',
      true,
      `This machine could not open the connection (${code}). Check its network and limits.`,
    );
  }
  const tls = TLS_ADVICE[code];
  if (tls !== undefined)
    return failure('tls', false, `The certificate of the receiver is not accepted: ${tls} (${code})`);
  if (/^(?:EPROTO|ERR_SSL|ERR_TLS|ERR_OSSL|ERR_CRYPTO|CERT_|UNABLE_TO|HOSTNAME_MISMATCH)/.test(code)) {
    return failure(
      'tls',
      false,
      `No encrypted connection could be made (${code}). Is it https: at that port, and is the CA certificate a PEM?`,
    );
  }
  const advice = CONNECT_ADVICE[code];
  if (advice !== undefined) return failure('connect', false, `The connection failed (${code}). ${advice}`);
  if (/^(?:UND_ERR_INVALID_ARG|UND_ERR_NOT_SUPPORTED|UND_ERR_REQ_)/.test(code)) {
    return failure('invalid', false, `The request cannot be sent: ${detail}. Correct the webhook.`);
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return failure(
      'protocol',
      false,
      'The headers of the answer are larger than 16 KB. Let the receiver send less.',
    );
  }
  if (code.startsWith('UND_ERR_') || (error instanceof Error && error.name === 'HTTPParserError')) {
    return failure(
      'protocol',
      false,
      `The answer is not valid HTTP (${detail}). Is that a web server, and is it http: at that port?`,
    );
  }
  return failure('connect', false, `The connection failed (${code || detail}).`);
}

function describeNetworkError(error: NetworkError): FailureDescription {
  switch (error.code) {
    case 'WEBHOOKS_NAME_UNRESOLVED':
      // "No such name" is an answer about the receiver; anything else is a resolver that gave none.
      return failure('dns', !isNoSuchName(error.cause), error.message);
    case 'WEBHOOKS_URL_INVALID':
      return failure('invalid', false, error.message);
    default:
      return failure('blocked', false, error.message);
  }
}

function isNoSuchName(cause: unknown): boolean {
  return cause === undefined || codeOf(cause) === 'ENOTFOUND' || codeOf(cause) === 'ENODATA';
}

function failure(errorClass: SendErrorClass, ours: boolean, message: string): FailureDescription {
  return { errorClass, ours, message };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
