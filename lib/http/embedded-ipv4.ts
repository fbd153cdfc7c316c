import { isIP } from 'node:net';

/**
 * The IPv4 addresses that an IPv6 address may lead to in the end: mapped (`::ffff:a.b.c.d`), compatible (`::a.b.c.d`),
 * translated (`::ffff:0:a.b.c.d`), NAT64 (`64:ff9b::/96`, and `64:ff9b:1::/48`, in which a network chooses a prefix
 * of its own), 6to4 (`2002::/16`), Teredo (`2001::/32`, its client) and ISATAP (`…:0:5efe:a.b.c.d` in any network).
 */
export function embeddedIpv4(address: string): readonly string[] {
  if (isIP(address) !== 6 || address.includes('%')) return [];
  const groups = groupsOf(address);
  const starts = (...first: number[]): boolean => first.every((group, index) => groups[index] === group);
  if (starts(0x2002)) return [dotted(groups[1], groups[2])];
  if (starts(0x2001, 0)) return [dotted(~(groups[6] ?? 0) & 0xffff, ~(groups[7] ?? 0) & 0xffff)];
  if (starts(0x64, 0xff9b, 1)) return translated(groups);
  const isIsatap = (groups[4] === 0 || groups[4] === 0x200) && groups[5] === 0x5efe;
  const isNat64 = starts(0x64, 0xff9b, 0, 0, 0, 0);
  const isMapped = starts(0, 0, 0, 0, 0, 0xffff) || starts(0, 0, 0, 0, 0xffff, 0);
  // `::` and `::1` are addresses of their own.
  const isCompatible = starts(0, 0, 0, 0, 0, 0) && !(groups[6] === 0 && (groups[7] ?? 0) <= 1);
  return isNat64 || isMapped || isCompatible || isIsatap ? [dotted(groups[6], groups[7])] : [];
}

/**
 * By RFC 6052 the address stands behind a prefix of 48, 56, 64 or 96 bits, and not in the ninth byte. Which prefix it is
 * only the translator knows, so each of them counts; but for what begins with 0, which is what a
 * longer or shorter prefix leaves.
 */
function translated(groups: readonly number[]): string[] {
  const bytes = groups.flatMap((group) => [group >> 8, group & 255]);
  const behind = bytes.toSpliced(8, 1);
  const last = bytes.slice(12).join('.');
  const others = [6, 7, 8].map((start) => behind.slice(start, start + 4).join('.'));
  const meant = [last, ...others].filter((each) => !each.startsWith('0.'));
  return meant.length === 0 ? [last] : meant;
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
