/** A request as the receiver got it. */
export interface ReceivedRequest {
  /** Counts from 1. */
  readonly number: number;
  readonly receivedAt: Date;
  readonly remoteAddress: string;
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  readonly httpVersion: string;
  /** Names as sent, in the order they came. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** The status it is answered with. */
  readonly status: number;
  /** `VALID`, or `INVALID` with the reason; `null` when no secret was given to check with. */
  readonly signature: string | null;
}

/** How much is printed. */
export interface FormatOptions {
  readonly headers: boolean;
}

/** The lines that the receiver prints for one request. */
export function formatRequest(request: ReceivedRequest, { headers }: FormatOptions): string {
  const { number, receivedAt, remoteAddress, method, path, httpVersion, status, signature } = request;
  const lines = [
    `[${number}] ${receivedAt.toUTCString()} ${remoteAddress} "${method} ${path} HTTP/${httpVersion}" ${status} -`,
    ...(headers ? [...request.headers.map(([name, value]) => `${titleCase(name)}: ${value}`), ''] : []),
    request.body === '' ? '(No body)' : pretty(request),
    ...(signature === null ? [] : [`Signature: ${signature}`]),
    '------------',
  ];
  return lines.map(printable).join('\n');
}

function titleCase(name: string): string {
  return name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}

function pretty({ headers, body }: ReceivedRequest): string {
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) return body;
  try {
    return JSON.stringify(JSON.parse(body), null, 4);
  } catch {
    return body;
  }
}

/** Whoever sends the request must not steer the terminal. */
function printable(line: string): string {
  return line.replace(
    /[^\P{Cc}\n\t]/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
