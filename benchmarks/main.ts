/** Runs benchmarks by name: `main.js delivery latency`; all of them without a name. */
const NAMES = [
  'conditions',
  'rendering',
  'capture',
  'delivery',
  'fairness',
  'latency',
  'admin-lists',
] as const;

const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : NAMES) {
  if (!(NAMES as readonly string[]).includes(name)) {
    throw new Error(`There is no benchmark "${name}"; there are ${NAMES.join(', ')}.`);
  }
  const { run } = (await import(`./${name}.js`)) as { run: () => unknown };
  await run();
}
