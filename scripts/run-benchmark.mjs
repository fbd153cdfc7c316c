// Compiles the benchmarks with the library and runs those that are named.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync, statSync } from 'node:fs';

const dist = 'benchmarks/dist';
const run = (...args) => {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};
rmSync(dist, { recursive: true, force: true });
run('node_modules/typescript/bin/tsc', '-p', 'benchmarks/tsconfig.json');
// What the compiler leaves behind.
for (const folder of ['lib', 'sample-app/services']) {
  cpSync(folder, `${dist}/${folder}`, {
    recursive: true,
    filter: (path) => statSync(path).isDirectory() || !path.endsWith('.ts'),
  });
}
run('--expose-gc', `${dist}/benchmarks/main.js`, ...process.argv.slice(2));
