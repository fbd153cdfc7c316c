import { isIP } from 'node:net';

/**
 * The IPv4 address that an IPv6 address leads to in the end, or `null`: mapped (`::ffff:a.b.c.d`), compatible
 * (`::a.b.c.d`), translated (`::ffff:0:a.b.c.d`), NAT64 (`64:ff9b::/96`, `64:ff9b:1::/48`), 6to4 (`2002::/16`), Teredo
 * (`2001::/32`, its client) and ISATAP (`…:0:5efe:a.b.c.d` in any network).
 */
export function embeddedIpv4(address: string): string | null {
  if (isIP(address) !== 6 || address.includes('%')) return null;
  const groups = groupsOf(address);
  const starts = (...first: number[]): boolean => first.every((group, index) => groups[index] === group);
  if (starts(0x2002)) return dotted(groups[1], groups[2]);
  if (starts(0x2001, 0)) return dotted(~(groups[6] ?? 0) & 0xffff, ~(groups[7] ?? 0) & 0xffff);
  const isIsatap = (groups[4] === 0 || groups[4] === 0x200) && groups[5] === 0x5efe;
  const isNat64 = starts(0x64, 0xff9b, 0, 0, 0, 0) || starts(0x64, 0xff9b, 1);
  const isMapped = starts(0, 0, 0, 0, 0, 0xffff) || starts(0, 0, 0, 0, 0xffff, 0);
  // `::` and `::1` are addresses of their own.
  const isCompatible = starts(0, 0, 0, 0, 0, 0) && !(groups[6] === 0 && (groups[7] ?? 0) <= 1);
  return isNat64 || isMapped || isCompatible || isIsatap ? dotted(groups[6], groups[7]) : null;
}

function groupsOf(address: string): number[] {
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const left = numbers(head);
  if (tail === undefined) return left;
  const right = numbers(tail);
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right];
}

function numbers(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

function dotted(high = 0, low = 0): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
