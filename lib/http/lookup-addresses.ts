import { lookup, Resolver } from 'node:dns/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** An address as a resolver gives it. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** Finds all addresses of a host name; rejects with the resolver's error, whose `code` is kept. */
export type AddressLookup = (hostname: string) => Promise<readonly ResolvedAddress[]>;

/** Who is asked, and by which clock answers get old. */
export interface SystemLookupParts {
  /** The operating system. */
  readonly ask?: AddressLookup;
  /** The name servers, past the operating system. */
  readonly askServers?: AddressLookup;
  /** Milliseconds. */
  readonly clock?: () => number;
}

/**
 * A system look-up occupies one thread of libuv's pool until the resolver gives up. Of four threads libuv itself gives
 * two to look-ups, and the host's file system and crypto work need the others.
 */
const MAX_AT_ONCE = 2;
/** Milliseconds to wait for a place before the name servers are asked. */
const PATIENCE = 100;
/** Milliseconds for which an answer counts. Whoever uses it vets it again. */
const MAX_AGE = 3_000;
const MAX_ANSWERS = 1_000;

/**
 * Makes a look-up that asks the operating system (hosts file, search domains and all), a name only once at a time,
 * and few names at a time. While names that hang hold the places, the others are asked of the name servers, which takes
 * no thread.
 */
export function createSystemLookup({
  ask = askSystem,
  askServers = askNameServers,
  clock = () => performance.now(),
}: SystemLookupParts = {}): AddressLookup {
  const underway = new Map<string, Promise<readonly ResolvedAddress[]>>();
  const answers = new Map<string, { readonly found: readonly ResolvedAddress[]; readonly until: number }>();
  const waiting: (() => void)[] = [];
  let running = 0;

  const leave = (): void => {
    // The place is handed on, so that nobody takes it in between.
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  };

  async function find(hostname: string): Promise<readonly ResolvedAddress[]> {
    if (running >= MAX_AT_ONCE) {
      const place = new Promise<void>((resolve) => waiting.push(resolve));
      const found = await Promise.race([place.then(() => undefined), beside(hostname, place)]);
      if (found !== undefined) {
        void place.then(leave);
        return found;
      }
    } else running++;
    try {
      return await ask(hostname);
    } finally {
      leave();
    }
  }

  /**
   * What the name servers say; waits for the place when they know nothing, as of a name in the hosts file. A name that
   * both know gets the answer of the name servers for this while: better than none, and it is vetted like any other.
   */
  async function beside(
    hostname: string,
    place: Promise<void>,
  ): Promise<readonly ResolvedAddress[] | undefined> {
    await delay(PATIENCE, undefined, { ref: false });
    const found = await askServers(hostname).catch(() => []);
    if (found.length > 0) return found;
    await place;
    return undefined;
  }

  async function run(hostname: string): Promise<readonly ResolvedAddress[]> {
    try {
      const found = await find(hostname);
      if (answers.size >= MAX_ANSWERS) answers.clear();
      answers.set(hostname, { found, until: clock() + MAX_AGE });
      return found;
    } finally {
      underway.delete(hostname);
    }
  }

  return (hostname) => {
    const known = answers.get(hostname);
    if (known !== undefined && clock() < known.until) return Promise.resolve(known.found);
    const shared = underway.get(hostname) ?? run(hostname);
    underway.set(hostname, shared);
    return shared;
  };
}

function askSystem(hostname: string): Promise<readonly ResolvedAddress[]> {
  return lookup(hostname, { all: true, verbatim: true });
}

async function askNameServers(hostname: string): Promise<readonly ResolvedAddress[]> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  const [ipv4, ipv6] = await Promise.all([
    resolver.resolve4(hostname).catch((): string[] => []),
    resolver.resolve6(hostname).catch((): string[] => []),
  ]);
  return [
    ...ipv4.map((address) => ({ address, family: 4 })),
    ...ipv6.map((address) => ({ address, family: 6 })),
  ];
}
