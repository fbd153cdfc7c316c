/**
 * Joins calls that come while an earlier group is on its way into one call for all of them: idle, a call goes out at
 * once and alone; under load, one statement serves many. Each caller waits for the group its item is in, and shares
 * its failure.
 */
export class Grouped<Item, Result> {
  private waiting: { item: Item; resolve: (result: Result) => void; reject: (reason: unknown) => void }[] =
    [];
  private running = 0;

  /**
   * @param run - handles a group; gives one result for each item, in their order
   * @param maxSize - items of one group at most
   * @param parallel - groups on their way at a time
   */
  constructor(
    private readonly run: (items: readonly Item[]) => Promise<readonly Result[]>,
    private readonly maxSize: number,
    private readonly parallel = 1,
  ) {}

  add(item: Item): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      // A microtask later, so that calls made in the same turn of the event loop share the first group.
      if (this.waiting.length === 1) queueMicrotask(() => void this.flush());
    });
  }

  private async flush(): Promise<void> {
    if (this.running >= this.parallel || this.waiting.length === 0) return;
    const group = this.waiting.splice(0, this.maxSize);
    this.running += 1;
    try {
      const results = await this.run(group.map(({ item }) => item));
      group.forEach(({ resolve }, index) => resolve(results[index] as Result));
    } catch (error) {
      for (const { reject } of group) reject(error);
    } finally {
      this.running -= 1;
      void this.flush();
    }
  }
}
