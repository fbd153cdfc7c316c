/** Characters of text in one chunk at most, where they count: a statement has a size beyond which a server refuses it. */
const MAX_WEIGHT = 1_000_000;

/**
 * Items in their order, at most `size` at a time.
 *
 * @param weigh - characters of text that an item brings along; a chunk ends before there are a million of them, though
 * one item alone may have more
 */
export function* chunks<Item>(
  items: readonly Item[],
  size: number,
  weigh?: (item: Item) => number,
): Generator<readonly Item[]> {
  for (let start = 0; start < items.length;) {
    let end = Math.min(start + size, items.length);
    if (weigh !== undefined) end = endByWeight(items, [start, end], weigh);
    yield items.slice(start, end);
    start = end;
  }
}

function endByWeight<Item>(
  items: readonly Item[],
  [start, most]: readonly [number, number],
  weigh: (item: Item) => number,
): number {
  let weight = 0;
  for (let end = start; end < most; end += 1) {
    weight += weigh(items[end] as Item);
    if (weight > MAX_WEIGHT) return Math.max(start + 1, end);
  }
  return most;
}
