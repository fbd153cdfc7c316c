import { validate, version } from 'uuid';
import { expect, it } from 'vitest';
import { newId } from '../../../lib/common/new-id.js';

it('gives ids that are unique, ordered and UUIDv7', () => {
  const began = Date.now();
  const ids = Array.from({ length: 100_000 }, newId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(ids.toSorted());
  for (const id of [ids[0], ids.at(-1)] as string[]) {
    expect(validate(id)).toBe(true);
    expect(version(id)).toBe(7);
    const time = Number.parseInt(id.replace('-', '').slice(0, 12), 16);
    expect(time).toBeGreaterThanOrEqual(began);
    expect(time).toBeLessThanOrEqual(Date.now());
  }
});

it('shares no random bits between ids', () => {
  const ends = Array.from({ length: 10_000 }, () => newId().slice(-12));
  expect(new Set(ends).size).toBe(ends.length);
});
