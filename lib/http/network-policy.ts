import { isIP } from 'node:net';
import type { NetworkOptions } from '../options/webhooks-options.js';
import { AddressList } from './address-list.js';
import { embeddedIpv4 } from './embedded-ipv4.js';
import { isInternalName, isLoopbackName } from './host-name.js';
import { createSystemLookup, type AddressLookup, type ResolvedAddress } from './lookup-addresses.js';
import { NetworkError } from './network-error.js';
import { bareHost, parseTarget } from './parse-target.js';
import { isPublicAddress } from './public-address.js';

/** What a network policy is made of. */
export interface NetworkPolicyOptions extends NetworkOptions {
  /** Finds the addresses of a name. Default: the operating system's resolver. */
  readonly lookup?: AddressLookup;
}

const LOOPBACK: readonly ResolvedAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/**
 * Decides which addresses deliveries may reach: public ones, and those of `allow`; never those of `deny`. The
 * decision is about addresses. Names are looked up, and a name counts only when **all** its addresses may be
 * reached; a name that belongs to a private network by its form must lie in `allow` with all of them.
 */
export class NetworkPolicy {
  readonly #allow: AddressList;
  readonly #deny: AddressList;
  /** Whether certificates of receivers must be checked. */
  readonly requireSslVerification: boolean;
  readonly #httpsOnly: boolean;
  readonly #ports: ReadonlySet<number> | null;
  readonly #lookup: AddressLookup;

  /** @throws NetworkError `WEBHOOKS_NETWORK_INVALID` for what is no CIDR block */
  constructor({
    allow = [],
    deny = [],
    httpsOnly = false,
    requireSslVerification = false,
    ports,
    lookup,
  }: NetworkPolicyOptions = {}) {
    this.#allow = new AddressList(allow, 'delivery.network.allow');
    this.#deny = new AddressList(deny, 'delivery.network.deny');
    this.#httpsOnly = httpsOnly;
    this.requireSslVerification = requireSslVerification;
    this.#ports = ports === undefined ? null : new Set(ports);
    this.#lookup = lookup ?? createSystemLookup();
  }

  /**
   * Finds and vets the addresses a URL leads to. Connect to these and to no others: asking the resolver again may
   * give a different answer.
   *
   * @throws NetworkError (rejects) `WEBHOOKS_ADDRESS_BLOCKED`, `WEBHOOKS_URL_INVALID`, `WEBHOOKS_NAME_UNRESOLVED`
   */
  async resolve(url: string): Promise<readonly ResolvedAddress[]> {
    return this.addressesOf(bareHost(this.checkUrl(url)));
  }

  /**
   * Checks what can be known without a look-up: the form of the URL, scheme, port, literal addresses, and names that
   * no public network has. For saving a webhook; the boundary itself is where the connection is made.
   *
   * @returns the parsed URL, without its fragment
   * @throws NetworkError `WEBHOOKS_ADDRESS_BLOCKED`, `WEBHOOKS_URL_INVALID`
   */
  checkUrl(text: string): URL {
    const url = parseTarget(text);
    if (this.#httpsOnly && url.protocol !== 'https:') {
      throw blocked(
        'Only https: URLs are allowed here (delivery.network.httpsOnly). Use the https: address.',
      );
    }
    const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
    if (this.#ports !== null && !this.#ports.has(port)) {
      throw blocked(
        `Port ${port} is not allowed. Use one of ${[...this.#ports].join(', ')}, or have it added to delivery.network.ports.`,
      );
    }
    const host = bareHost(url);
    if (isIP(host) !== 0) this.#vet([host], host, false);
    else if (isLoopbackName(host)) this.#loopback(host);
    else if (isInternalName(host) && this.#allow.isEmpty) {
      throw blocked(
        `The name ${host} belongs to a private network. If that receiver is meant, have its addresses added to delivery.network.allow.`,
      );
    }
    return url;
  }

  /**
   * The vetted addresses of a host, given as an IP address or as a name.
   *
   * @throws NetworkError (rejects) `WEBHOOKS_ADDRESS_BLOCKED`, `WEBHOOKS_NAME_UNRESOLVED`
   */
  async addressesOf(host: string): Promise<readonly ResolvedAddress[]> {
    const name = host.replace(/\.$/, '').toLowerCase();
    if (isIP(name) !== 0) return this.#vet([name], name, false);
    if (isLoopbackName(name)) return this.#loopback(name);
    let found: string[];
    try {
      found = (await this.#lookup(host)).map(({ address }) => address);
    } catch (cause) {
      throw new NetworkError(
        'WEBHOOKS_NAME_UNRESOLVED',
        `The name ${name} could not be resolved (${codeOf(cause)}). Check its spelling, and the DNS of this machine.`,
        { cause },
      );
    }
    return this.#vet(found, name, isInternalName(name));
  }

  /** Whether one IP address may be reached. */
  permits(address: string): boolean {
    return this.#permits(address, false);
  }

  #permits(address: string, onlyAllowed: boolean): boolean {
    if (isIP(address) === 0 || address.includes('%') || this.#deny.has(address)) return false;
    if (!this.#allow.has(address) && (onlyAllowed || !isPublicAddress(address))) return false;
    return embeddedIpv4(address).every((inner) => this.#permits(inner, onlyAllowed));
  }

  #vet(addresses: readonly string[], host: string, onlyAllowed: boolean): readonly ResolvedAddress[] {
    if (addresses.length === 0) {
      throw new NetworkError(
        'WEBHOOKS_NAME_UNRESOLVED',
        `The name ${host} leads to no address. Check its spelling, and its DNS records.`,
      );
    }
    for (const address of addresses) {
      if (!this.#permits(address, onlyAllowed)) throw this.#refusal(address, host);
    }
    return addresses.map((address) => ({ address, family: isIP(address) }));
  }

  /** Names that mean this machine by definition are not looked up; those of its two addresses that are allowed count. */
  #loopback(host: string): readonly ResolvedAddress[] {
    const allowed = LOOPBACK.filter(({ address }) => this.permits(address));
    if (allowed.length === 0) throw this.#refusal('127.0.0.1', host);
    return allowed;
  }

  #refusal(address: string, host: string): NetworkError {
    const subject = address === host ? `The address ${address}` : `The address ${address} (of ${host})`;
    if (isIP(address) === 0 || address.includes('%')) {
      return blocked(`${subject} is no address that can be checked. Use one without a zone.`);
    }
    if (this.#deny.has(address)) return blocked(`${subject} is denied by delivery.network.deny.`);
    return blocked(
      `${subject} is not public, so deliveries do not go there. If that receiver is meant, have ` +
        `${address}/${isIP(address) === 6 ? 128 : 32} added to delivery.network.allow.`,
    );
  }
}

function blocked(message: string): NetworkError {
  return new NetworkError('WEBHOOKS_ADDRESS_BLOCKED', message);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
}
