import { BlockList, isIP } from 'node:net';
import { embeddedIpv4 } from './embedded-ipv4.js';
import { NetworkError } from './network-error.js';

const MAPPED = new BlockList();
MAPPED.addSubnet('::ffff:0:0', 96, 'ipv6');

/** A list of CIDR blocks. An IPv4 address and the same written as IPv6 (`::ffff:10.0.0.1`) are one, in rules as well. */
export class AddressList {
  readonly #all = new BlockList();
  /** Apart, because `::/0` as a rule of the one list would match every IPv4 address too. */
  readonly #ipv4 = new BlockList();
  #isEmpty = true;

  /**
   * @param blocks such as `10.0.0.0/8`, `fd00::/8` or `192.0.2.7`
   * @param option what the blocks are called in an error
   * @throws NetworkError `WEBHOOKS_NETWORK_INVALID`
   */
  constructor(blocks: readonly string[] = [], option = '') {
    blocks.forEach((block, index) => this.add(block, `${option}[${index}]`));
  }

  /** Whether there is no block in the list. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** Whether an IP address is inside one of the blocks. */
  has(address: string): boolean {
    return isIP(address) === 6 ? this.#all.check(address, 'ipv6') : this.#ipv4.check(address, 'ipv4');
  }

  /**
   * Adds a block.
   *
   * @param name what it is called in an error
   * @throws NetworkError `WEBHOOKS_NETWORK_INVALID`
   */
  add(block: string, name: string): void {
    const [, address = '', prefix] = /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?$/.exec(block) ?? [];
    const family = isIP(address);
    const bits = family === 6 ? 128 : 32;
    const length = prefix === undefined ? bits : Number(prefix);
    if (family === 0 || length > bits) {
      throw new NetworkError(
        'WEBHOOKS_NETWORK_INVALID',
        `${name} is ${JSON.stringify(block)}, which is no CIDR block. Write it like 10.20.0.0/16, fd00::/8 or 192.0.2.7.`,
      );
    }
    this.#isEmpty = false;
    this.#all.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4');
    if (family === 4) this.#ipv4.addSubnet(address, length, 'ipv4');
    const [mapped] = MAPPED.check(address, 'ipv6') ? embeddedIpv4(address) : [];
    if (mapped !== undefined && length >= 96) this.#ipv4.addSubnet(mapped, length - 96, 'ipv4');
  }
}
