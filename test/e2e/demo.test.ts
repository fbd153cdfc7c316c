import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ROOT, RunningProgram } from '../support/run-program.js';

const SCRIPT = join(ROOT, 'scripts', 'run-sample.mjs');
const asRoot = process.getuid?.() === 0;
const readable = ((await stat(ROOT)).mode & 0o005) === 0o005;
const NOBODY = { uid: 65_534, gid: 65_534 };

describe.skipIf(process.platform === 'win32')('the programs of the sample application', () => {
  const programs: RunningProgram[] = [];
  const run = (...parameters: ConstructorParameters<typeof RunningProgram>) => {
    const program = new RunningProgram(...parameters);
    programs.push(program);
    return program;
  };

  // Builds, if the sources are newer than the last build.
  beforeAll(async () => {
    await run('npm', ['run', 'demo']).end();
  }, 180_000);

  afterEach(() => {
    for (const program of programs) program.remove();
  });

  it('npm run demo shows three signed requests, exits 0 and leaves nothing behind', async () => {
    const program = run('npm', ['run', 'demo']);
    expect(await program.end()).toMatchObject({ end: 0 });
    const bodies = [...program.output.matchAll(/"event": "(\w+)"/g)].map((match) => match[1]);
    expect(bodies).toEqual(['create', 'update', 'delete']);
    expect(program.output.match(/✓ signature verified/g)).toHaveLength(3);
    expect(program.output).not.toContain('known to the routers only');
    await vi.waitFor(() => expect(program.leftovers()).toEqual([]), 10_000);
  }, 90_000);

  it.runIf(asRoot && readable)(
    'the demo runs for a normal user',
    async () => {
      const program = run(process.execPath, [SCRIPT, 'demo'], NOBODY);
      expect(await program.end()).toMatchObject({ end: 0 });
      await vi.waitFor(() => expect(program.leftovers()).toEqual([]), 10_000);
    },
    90_000,
  );

  it('the demo ends in a sentence when its database is not there', async () => {
    const program = run(process.execPath, [SCRIPT, 'demo'], {
      env: { DATABASE_URL: 'postgres://postgres@127.0.0.1:1/postgres' },
    });
    expect(await program.end()).toMatchObject({ end: 1 });
    expect(program.output.split('\n').slice(1)).toEqual([
      'Nothing answers at DATABASE_URL (127.0.0.1, port 1). Start it, or unset the variable.',
      '',
    ]);
  }, 90_000);

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'npm start serves until %s, and leaves nothing behind',
    async (signal) => {
      const cwd = await mkdtemp(join(tmpdir(), 'start-'));
      const program = run(process.execPath, [SCRIPT, 'main'], { cwd, env: { PORT: '0' } });
      try {
        await vi.waitFor(() => expect(program.output).toContain('Stop with Ctrl+C'), 60_000);
        const [, url = ''] = /REST API +(\S+)/.exec(program.output) ?? [];
        const [, authorization = ''] = /Authorization: (.+)/.exec(program.output) ?? [];
        const response = await fetch(url, { headers: { authorization } });
        expect([response.status, await response.json()]).toEqual([200, []]);
        program.child.kill(signal);
        expect(await program.end()).toMatchObject({ end: signal === 'SIGKILL' ? signal : 0 });
        await vi.waitFor(() => expect(program.leftovers()).toEqual([]), 15_000);
      } finally {
        program.remove();
        await rm(cwd, { recursive: true, force: true });
      }
    },
    120_000,
  );
});
