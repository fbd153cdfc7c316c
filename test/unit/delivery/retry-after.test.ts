import { expect, it } from 'vitest';
import { retryAfter } from '../../../lib/delivery/retry-after.js';

const NOW = Date.parse('2026-08-07T12:00:00Z');

it.each([
  ['120', 120_000],
  ['0', 0],
  ['1.5', 1_500],
  ['  7 ', 7_000],
  ['Fri, 07 Aug 2026 12:01:00 GMT', 60_000],
  ['Friday, 07-Aug-26 12:01:00 GMT', 60_000],
  ['Fri, 07 Aug 2026 11:00:00 GMT', 0],
  ['999999999', 36_000_000],
  ['Fri, 07 Aug 2099 12:01:00 GMT', 36_000_000],
  ['-5', 0],
  ['soon', 0],
  ['2026', 2_026_000],
  ['2026-08-07T12:01:00Z', 0],
  ['', 0],
])('reads "%s" as %i ms', (value, expected) => {
  expect(retryAfter({ 'retry-after': value }, NOW)).toBe(expected);
});

it('says nothing without the header', () => {
  expect(retryAfter({}, NOW)).toBe(0);
});

it("takes a date relative to the receiver's clock, not to ours", () => {
  const headers = { 'retry-after': 'Fri, 07 Aug 2026 15:00:30 GMT', date: 'Fri, 07 Aug 2026 15:00:00 GMT' };
  expect(retryAfter(headers, NOW)).toBe(30_000);
});
