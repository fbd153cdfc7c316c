// Runs the suites that rest on TypeORM's inner workings with another version of it, in a copy of this folder: the
// version given, or the oldest that the peer dependency allows. Arguments after it go to vitest.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Without the random writes, which take as long as all others and ask the same of every version.
const SUITES = ['test/integration/capture', 'test/integration/module/hosts', '--exclude=**/stress.test.ts'];
const LEFT_OUT = new Set(['.git', '.data', 'dist', 'coverage']);

const { peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const [version = peerDependencies.typeorm.replace('^', ''), ...suites] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'webhooks-typeorm-'));
const copy = join(folder, 'copy');
const fresh = join(folder, 'fresh');

function run(cwd, command, ...args) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed.`);
}

try {
  cpSync('.', copy, { recursive: true, verbatimSymlinks: true, filter: (path) => !LEFT_OUT.has(path) });
  // Not in the copy: npm would take away what package.json does not name, such as better-sqlite3.
  run(folder, 'npm', 'install', '--prefix', fresh, '--no-audit', '--no-fund', `typeorm@${version}`);
  const typeorm = join(copy, 'node_modules/typeorm');
  rmSync(typeorm, { recursive: true });
  renameSync(join(fresh, 'node_modules/typeorm'), typeorm);
  renameSync(join(fresh, 'node_modules'), join(typeorm, 'node_modules'));
  console.log(`TypeORM ${JSON.parse(readFileSync(join(typeorm, 'package.json'), 'utf8')).version}`);
  run(copy, 'npx', 'vitest', 'run', ...(suites.length > 0 ? suites : SUITES));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
