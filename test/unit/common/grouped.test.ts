import { expect, it } from 'vitest';
import { Grouped } from '../../../lib/common/grouped.js';

/** Groups that are handled when the test says so. */
function controlled(maxSize: number) {
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
