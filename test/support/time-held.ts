/**
 * Milliseconds for which work holds the event loop of a machine that has nothing else to do: what others take of the
 * processor meanwhile does not count.
 */
export function timeHeld<Result>(work: () => Result): { result: Result; milliseconds: number } {
  const [started, before] = [performance.now(), process.cpuUsage()];
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return { result, milliseconds: Math.min(performance.now() - started, (user + system) / 1_000) };
}
