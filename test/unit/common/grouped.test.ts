import { expect, it } from 'vitest';
import { Grouped, type GroupLimits } from '../../../lib/common/grouped.js';

/** Groups that are handled when the test says so. */
function controlled(maxSize: number, limits: GroupLimits<number> = {}) {
  const groups: { items: readonly number[]; finish: () => void; fail: () => void }[] = [];
  const grouped = new Grouped<number, string>(
    (items) =>
      new Promise((resolve, reject) => {
        groups.push({
          items,
          finish: () => resolve(items.map((item) => `done ${item}`)),
          fail: () => reject(new Error('the statement failed')),
        });
      }),
    maxSize,
    limits,
  );
  return { groups, grouped };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('sends what is added in one turn together, and what is added meanwhile next', async () => {
  const { groups, grouped } = controlled(10);
  const first = [grouped.add(1), grouped.add(2)];
  await turn();
  const second = [grouped.add(3), grouped.add(4), grouped.add(5)];
  await turn();
  expect(groups.map(({ items }) => items)).toEqual([[1, 2]]);
  groups[0]?.finish();
  expect(await Promise.all(first)).toEqual(['done 1', 'done 2']);
  await turn();
  expect(groups.map(({ items }) => items)).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
  groups[1]?.finish();
  expect(await Promise.all(second)).toEqual(['done 3', 'done 4', 'done 5']);
});

it('keeps groups within their size', async () => {
  const { groups, grouped } = controlled(2);
  const all = [1, 2, 3].map((item) => grouped.add(item));
  await turn();
  groups[0]?.finish();
  await turn();
  groups[1]?.finish();
  expect(await Promise.all(all)).toEqual(['done 1', 'done 2', 'done 3']);
  expect(groups.map(({ items }) => items)).toEqual([[1, 2], [3]]);
});

it('fails those whose group failed, and goes on with the others', async () => {
  const { groups, grouped } = controlled(2);
  const results = Promise.allSettled([1, 2, 3].map((item) => grouped.add(item)));
  await turn();
  groups[0]?.fail();
  await turn();
  groups[1]?.finish();
  expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
});

it('ends a group before it is too heavy, and takes alone what is', async () => {
  const { groups, grouped } = controlled(10, { weigh: (item) => item * 100_000 });
  const all = [4, 6, 1, 25, 2, 3].map((item) => grouped.add(item));
  for (let group = 0; group < 4; group++) {
    await turn();
    groups[group]?.finish();
  }
  await Promise.all(all);
  expect(groups.map(({ items }) => items)).toEqual([[4, 6], [1], [25], [2, 3]]);
});

/** Handles groups in which none is bad. */
function refusing(bad: ReadonlySet<number>) {
  const groups: (readonly number[])[] = [];
  const grouped = new Grouped<number, number>(
    (items) => {
      groups.push(items);
      return items.some((item) => bad.has(item))
        ? Promise.reject(new Error(`bad: ${items.join()}`))
        : Promise.resolve(items);
    },
    10,
    { apart: true },
  );
  return { groups, grouped };
}

it('handles the items of a group that failed each alone: one that is bad takes no others along', async () => {
  const { groups, grouped } = refusing(new Set([1, 3]));
  const results = await Promise.allSettled([1, 2, 3, 4].map((item) => grouped.add(item)));
  expect(results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason))).toEqual([
    new Error('bad: 1'),
    2,
    new Error('bad: 3'),
    4,
  ]);
  expect(groups).toEqual([[1, 2, 3, 4], [1], [2], [3], [4]]);
});

it('asks no more than a few times where nothing can be handled', async () => {
  const items = [1, 2, 3, 4, 5, 6, 7, 8];
  const { groups, grouped } = refusing(new Set(items));
  const results = await Promise.allSettled(items.map((item) => grouped.add(item)));
  expect(results.map(({ status }) => status)).toEqual(items.map(() => 'rejected'));
  expect(groups).toEqual([items, [1], [2], [3]]);
});
