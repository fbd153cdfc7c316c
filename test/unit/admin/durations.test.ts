import { expect, it } from 'vitest';
import { formatDuration, parseDuration, roughDuration } from '../../../lib/admin/page/durations.js';

it.each([
  [0, '0s'],
  [250, '250ms'],
  [61_500, '1m 1s 500ms'],
  [5_415_000, '1h 30m 15s'],
  [90_061_000, '1d 1h 1m 1s'],
  [90_061_001, '1d 1h 1m 1s 1ms'],
  [3_661_000, '1h 1m 1s'],
  [31_536_000_000, '365d'],
])('writes %i ms as the text that is read as the same: %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
  expect(parseDuration(text)).toBe(milliseconds);
});

it('tells only the two largest units of what was measured', () => {
  expect(roughDuration(90_061_001)).toBe('1d 1h');
});
