/** Endings of names that are never given out to the public. */
const INTERNAL = /\.(?:localdomain|local|internal|intranet|private|lan|home|corp|home\.arpa)$/;

/** Whether a host name means this machine by definition (RFC 6761). */
export function isLoopbackName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost');
}

/** Whether a host name belongs to a private network: a single label, or one of the reserved endings. */
export function isInternalName(host: string): boolean {
  return !host.includes('.') || INTERNAL.test(host);
}
