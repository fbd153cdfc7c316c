import { lookup } from 'node:dns/promises';

/** An address as a resolver gives it. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** Finds all addresses of a host name; rejects with the resolver's error, whose `code` is kept. */
export type AddressLookup = (hostname: string) => Promise<readonly ResolvedAddress[]>;

/**
 * A system look-up occupies one thread of libuv's pool (4 by default) until the resolver gives up, and the host's
 * file system and crypto work share that pool.
 */
const MAX_AT_ONCE = 2;

/**
 * Makes a look-up that asks the operating system (hosts file, search domains and all), a name only once at a time,
 * and few names at a time.
 */
export function createSystemLookup(
  ask: AddressLookup = (hostname) => lookup(hostname, { all: true, verbatim: true }),
): AddressLookup {
  const underway = new Map<string, Promise<readonly ResolvedAddress[]>>();
  const waiting: (() => void)[] = [];
  let running = 0;

  async function run(hostname: string): Promise<readonly ResolvedAddress[]> {
    if (running >= MAX_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await ask(hostname);
    } finally {
      underway.delete(hostname);
      // The place is handed on, so that nobody takes it in between.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  }

  return (hostname) => {
    const shared = underway.get(hostname) ?? run(hostname);
    underway.set(hostname, shared);
    return shared;
  };
}
