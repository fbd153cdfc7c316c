// Builds the library and the sample application when their sources are newer, then runs one of the sample's programs
// in this process: node scripts/run-sample.mjs main | demo
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'sample-app', 'dist', '.built');
const sources = ['lib', 'sample-app', 'scripts', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];

if (!existsSync(join(root, 'node_modules', 'typescript'))) fail('Run `npm install` first.');
if (!isFresh()) {
  const started = new Date();
  console.log('Building …');
  for (const script of ['build', 'build:sample']) {
    const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', script], {
      cwd: root,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    if (status !== 0) fail(`${stdout}${stderr}\nThe build failed: npm run ${script}`);
  }
  writeFileSync(stamp, '');
  // A file that changed while the build ran is newer than the build.
  utimesSync(stamp, started, started);
}
await import(new URL(`../sample-app/dist/${process.argv[2]}.js`, import.meta.url).href);

function isFresh() {
  if (!existsSync(stamp) || !existsSync(join(root, 'dist', 'index.js'))) return false;
  const built = statSync(stamp).mtimeMs;
  return sources.every((source) => newest(join(root, source)) <= built);
}

/** @param {string} path @returns {number} */
function newest(path) {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  const entries = readdirSync(path).filter((name) => name !== 'dist');
  return Math.max(0, ...entries.map((name) => newest(join(path, name))));
}

/** @param {string} message */
function fail(message) {
  console.error(message.trim());
  process.exit(1);
}
