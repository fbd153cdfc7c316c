import { chunks } from './chunks.js';

/** What a group is beside its size. */
export interface GroupLimits<Item> {
  /** Groups on their way at a time; 1 by default. */
  readonly parallel?: number;
  /**
   * Characters of text that an item brings along: a group ends by them as well, as {@link chunks} do.
   */
  readonly weigh?: (item: Item) => number;
  /**
   * Whether the items of a group that failed are handled once more, each alone, so that one that cannot be handled does
   * not take the others along. Only for what may be done twice.
   */
  readonly apart?: boolean;
}

interface Call<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

/** Items that fail alone, before any that does not, after which the cause is taken to be none of them. */
const ENOUGH_FAILURES = 3;

/**
 * Joins calls that come while an earlier group is on its way into one call for all of them: idle, a call goes out at
 * once and alone; under load, one statement serves many. Each caller waits for the group its item is in, and shares
 * its failure.
 */
export class Grouped<Item, Result> {
  private waiting: Call<Item, Result>[] = [];
  private running = 0;

  /**
   * @param run - handles a group; gives one result for each item, in their order
   * @param maxSize - items of one group at most
   */
  constructor(
    private readonly run: (items: readonly Item[]) => Promise<readonly Result[]>,
    private readonly maxSize: number,
    private readonly limits: GroupLimits<Item> = {},
  ) {}

  add(item: Item): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      // A microtask later, so that calls made in the same turn of the event loop share the first group.
      if (this.waiting.length === 1) queueMicrotask(() => void this.flush());
    });
  }

  private async flush(): Promise<void> {
    if (this.running >= (this.limits.parallel ?? 1) || this.waiting.length === 0) return;
    const { weigh } = this.limits;
    const [first = []] = chunks(this.waiting, this.maxSize, weigh && (({ item }) => weigh(item)));
    const group = this.waiting.splice(0, first.length);
    this.running += 1;
    try {
      const results = await this.run(group.map(({ item }) => item));
      group.forEach(({ resolve }, index) => resolve(results[index] as Result));
    } catch (error) {
      if (this.limits.apart === true && group.length > 1) await this.runApart(group);
      else for (const { reject } of group) reject(error);
    } finally {
      this.running -= 1;
      void this.flush();
    }
  }

  private async runApart(group: readonly Call<Item, Result>[]): Promise<void> {
    let failures = 0;
    let succeeded = false;
    let last: unknown;
    for (const { item, resolve, reject } of group) {
      // A database that is away is not asked once for each of a hundred.
      if (!succeeded && failures >= ENOUGH_FAILURES) {
        reject(last);
        continue;
      }
      try {
        const [result] = await this.run([item]);
        succeeded = true;
        resolve(result as Result);
      } catch (error) {
        failures += 1;
        last = error;
        reject(error);
      }
    }
  }
}
