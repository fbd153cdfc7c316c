// Runs one server on behalf of the program that started this process, and stops it when that program is gone, however
// it went: the program holds the other end of standard input, and the system closes it even after kill -9.
//
// Argument: JSON `{ "remove": [folders] }`, removed at the end.
// Standard input: one line of JSON for each command to run, `{ command, args, cwd, env, uid?, gid?, signal }`.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const GRACE = 10_000;

/** @type {{ remove: string[] }} */
const { remove } = JSON.parse(process.argv[2] ?? '{"remove":[]}');
/** @type {{ process: import('node:child_process').ChildProcess, signal: NodeJS.Signals } | undefined} */
let running;
let stopping = false;

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const { command, args, signal, ...options } = JSON.parse(line);
  const child = spawn(command, args, {
    ...options,
    stdio: ['ignore', 2, 2],
    windowsHide: true,
  });
  running = { process: child, signal };
  child.once('error', (error) => finish(error.message));
  child.once('exit', () => finish());
});
lines.on('close', stop);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);

function stop() {
  if (stopping) return;
  stopping = true;
  if (running === undefined) return finish();
  running.process.kill(running.signal);
  setTimeout(() => running?.process.kill('SIGKILL'), GRACE).unref();
}

/** @param {string} [reason] */
function finish(reason) {
  for (const folder of remove) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  if (reason === undefined) process.exit(0);
  // The reader may be gone: then nobody wants to know.
  process.stderr.on('error', () => process.exit(1));
  process.stderr.write(`${reason}\n`, () => process.exit(1));
}
