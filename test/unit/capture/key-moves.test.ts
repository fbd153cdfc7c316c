import { describe, expect, it } from 'vitest';
import { KeyMoves } from '../../../lib/capture/key-moves.js';
import type { TrackedTable } from '../../../lib/capture/tracked-table.js';

const table = { keyText: ([key]: readonly unknown[]) => String(key) } as unknown as TrackedTable;

/** Statements, each of which gives new keys at once (`a>b`), with the depth of its savepoint. */
type Statement = readonly [depth: number, ...changes: string[]];

function movesOf(statements: readonly Statement[]): KeyMoves {
  const moves = new KeyMoves();
  for (const [depth, ...texts] of statements) {
    const changes = texts.map((text) => text.split('>')).map(([from, to]) => ({ from: [from], to: [to] }));
    moves.add({ table, changes, depth });
  }
  return moves;
}

/** `a>b` for each object that was at `a` and is at `b`, as both sides tell it. */
function netOf(moves: KeyMoves): string[] {
  const keys = ['a', 'b', 'c', 'd'];
  const net = moves.net();
  const went = keys.flatMap((from) => net.wentTo(from)?.map((to) => `${from}>${String(to)}`) ?? []);
  const came = keys.flatMap((to) => net.cameFrom(to)?.map((from) => `${String(from)}>${to}`) ?? []);
  expect(came.toSorted()).toEqual(went.toSorted());
  return went;
}

const ROWS: readonly [name: string, statements: readonly Statement[], net: readonly string[]][] = [
  ['nothing', [], []],
  ['one', [[1, 'a>b']], ['a>b']],
  [
    'one after another',
    [
      [1, 'a>b'],
      [1, 'b>c'],
      [1, 'c>d'],
    ],
    ['a>d'],
  ],
  [
    'there and back',
    [
      [1, 'a>b'],
      [1, 'b>a'],
    ],
    [],
  ],
  [
    'round about and back',
    [
      [1, 'a>b'],
      [1, 'b>c'],
      [1, 'c>a'],
    ],
    [],
  ],
  [
    'exchanged by a third key',
    [
      [1, 'a>c'],
      [1, 'b>a'],
      [1, 'c>b'],
    ],
    ['a>b', 'b>a'],
  ],
  ['exchanged by one statement', [[1, 'a>b', 'b>a']], ['a>b', 'b>a']],
  ['shifted by one statement', [[1, 'a>b', 'b>c', 'c>d']], ['a>b', 'b>c', 'c>d']],
  [
    'shifted, and one goes on',
    [
      [1, 'a>b', 'b>c'],
      [1, 'c>d'],
    ],
    ['a>b', 'b>d'],
  ],
  [
    'exchanged twice',
    [
      [1, 'a>b', 'b>a'],
      [1, 'a>b', 'b>a'],
    ],
    [],
  ],
];

describe('new keys of one transaction', () => {
  it.each(ROWS)('%s', (_, statements, net) => {
    expect(netOf(movesOf(statements))).toEqual(net);
  });

  it('are as before a savepoint that is rolled back', () => {
    const moves = movesOf([
      [1, 'a>b'],
      [2, 'b>c'],
      [3, 'c>d'],
    ]);
    moves.rolledBack(2);
    expect(netOf(moves)).toEqual(['a>c']);
    moves.rolledBack(1);
    expect(netOf(moves)).toEqual(['a>b']);
  });

  it('go with the savepoint into which theirs was released', () => {
    const moves = movesOf([
      [1, 'a>b'],
      [3, 'b>c'],
    ]);
    moves.released(2);
    moves.rolledBack(2);
    expect(netOf(moves)).toEqual(['a>c']);
    moves.rolledBack(1);
    expect(netOf(moves)).toEqual(['a>b']);
  });
});
