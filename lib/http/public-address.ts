import { isIP } from 'node:net';
import { AddressList } from './address-list.js';

/** IANA's special-purpose registry, multicast, and one public number that Azure answers on inside its network. */
const SPECIAL_IPV4 = new AddressList(
  [
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.31.196.0/24',
    '192.52.193.0/24',
    '192.88.99.0/24',
    '192.168.0.0/16',
    '192.175.48.0/24',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '224.0.0.0/4',
    '240.0.0.0/4',
    '168.63.129.16/32',
  ],
  'SPECIAL_IPV4',
);

/** What is given out for the public internet. Everything mapped, translated, local or multicast lies outside. */
const GLOBAL_IPV6 = new AddressList(['2000::/3'], 'GLOBAL_IPV6');
const SPECIAL_IPV6 = new AddressList(
  ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20', '2620:4f:8000::/48'],
  'SPECIAL_IPV6',
);

/** Whether an IP address belongs to the public internet. Anything with a zone (`fe80::1%eth0`) does not. */
export function isPublicAddress(address: string): boolean {
  if (address.includes('%')) return false;
  switch (isIP(address)) {
    case 4:
      return !SPECIAL_IPV4.has(address);
    case 6:
      return GLOBAL_IPV6.has(address) && !SPECIAL_IPV6.has(address);
    default:
      return false;
  }
}
