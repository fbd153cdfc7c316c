import type { ReceivedRequest } from './receiver.js';

/** A request as text: the request line, the headers, and a JSON body over several lines. */
export function printRequest({ method, path, headers, body }: ReceivedRequest): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
  const text = [`${method} ${path} HTTP/1.1`, ...lines, '', pretty(body)].join('\n');
  return text.replaceAll(/^(?=.)/gm, '    ');
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
