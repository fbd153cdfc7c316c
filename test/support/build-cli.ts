import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Compiles the command alone into a new temporary folder without any packages, which also shows that it needs none.
 *
 * @returns the folder, to be removed; the command is `lib/cli/main.js` in it
 */
export function buildCli(): string {
  const folder = mkdtempSync(join(tmpdir(), 'webhooks-cli-'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const root = new URL('../../', import.meta.url).pathname;
  const config = join(folder, 'tsconfig.json');
  writeFileSync(
    config,
    JSON.stringify({
      extends: `${root}tsconfig.json`,
      compilerOptions: {
        noEmit: false,
        rootDir: root,
        outDir: folder,
        declaration: false,
        declarationMap: false,
        sourceMap: false,
        noCheck: true,
        paths: {},
        typeRoots: [`${root}node_modules/@types`],
      },
      include: [`${root}lib/cli/main.ts`],
    }),
  );
  execFileSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', config], {
    stdio: 'inherit',
  });
  return folder;
}
