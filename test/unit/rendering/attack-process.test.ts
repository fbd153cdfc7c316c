import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileTemplate } from '../../../lib/rendering/compile-template.js';
import { transpile, type Transpiled } from '../../support/transpile.js';
import type { AttackReport } from './attack-process.js';
import { CONTEXT, DIFFERENT, SAME } from './differential.fixture.js';

const run = promisify(execFile);
let transpiled: Transpiled;

beforeAll(async () => {
  transpiled = await transpile('rendering', [
    'lib/common',
    'lib/rendering',
    'test/support',
    'test/unit/rendering',
  ]);
});
afterAll(() => transpiled.remove());

async function reportOf(scenario: string, flags: readonly string[]): Promise<AttackReport> {
  const script = join(transpiled.folder, 'test/unit/rendering/attack-process.js');
  const { stdout } = await run(process.execPath, [...flags, script, scenario], { maxBuffer: 16_000_000 });
  return JSON.parse(stdout) as AttackReport;
}

const NO_CODE = '--disallow-code-generation-from-strings';

describe.each([
  ['a fresh process', 'fresh', []],
  ['a process that may not generate code', 'fresh', [NO_CODE]],
  ['a process whose host installed Jinja compatibility before', 'compat before', []],
  ['a process whose host installs Jinja compatibility after', 'compat after', []],
])('in %s', (_, scenario, flags) => {
  let report: AttackReport;
  beforeAll(async () => {
    report = await reportOf(scenario, flags);
  });

  it('every attack comes to nothing', () => {
    expect(report.complaints).toEqual([]);
    expect(report.attacks).toBeGreaterThan(400);
  });

  it('harmless templates render as everywhere', () => {
    const here = [...SAME, ...DIFFERENT.map(([, template]) => template)].map((template) =>
      compileTemplate(template)(CONTEXT),
    );
    expect(report.rendered).toEqual(here);
  });

  it('parses with a parser of its own', () => expect(report.ownParser).toBe(true));

  it("leaves the host's copy of nunjucks alone", () => expect(report.hostUntouched).toBe(true));
});
