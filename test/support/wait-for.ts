/** Waits until `read` gives something that is not `undefined` or `false`, and gives that. */
export async function waitFor<Value>(
  what: string,
  read: () => Value | undefined | false | Promise<Value | undefined | false>,
  milliseconds = 15_000,
): Promise<Value> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const value = await read();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`Waited ${milliseconds} ms in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
