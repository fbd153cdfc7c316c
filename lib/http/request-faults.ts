const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** Headers that belong to the connection or to the framing of the request. The HTTP library would take some of them. */
const RESERVED =
  /^(?:host|content-length|transfer-encoding|connection|keep-alive|proxy-.*|te|trailer|upgrade|expect|http2-settings)$/i;

const MAX_HEADER_BYTES = 16_384;

/**
 * Says why a request cannot be sent, or `null` if it can. The last look before the wire; what operators wrote has been
 * checked in its own place.
 */
export function requestFault(method: string, headers: Readonly<Record<string, string>>): string | null {
  if (!METHODS.has(method)) {
    return `The method ${JSON.stringify(method)} cannot be used. Choose one of ${[...METHODS].join(', ')}.`;
  }
  let size = 0;
  for (const name in headers) {
    const value = headers[name] ?? '';
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
      return `${JSON.stringify(name)} is no header name. Use letters, digits and hyphens.`;
    }
    // Many servers read an underscore as a hyphen.
    if (RESERVED.test(name.replaceAll('_', '-')))
      return `The header ${name} is set by the connection itself. Leave it out.`;
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      return `The value of the header ${name} holds a line break, a control character or one outside Latin-1. Encode it.`;
    }
    size += name.length + value.length + 4;
  }
  return size > MAX_HEADER_BYTES
    ? `The headers are larger than ${MAX_HEADER_BYTES / 1_024} KB in all. Send less.`
    : null;
}
