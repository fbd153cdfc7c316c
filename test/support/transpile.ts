import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Folders of TypeScript turned into JavaScript that a process without a test runner can import. */
export interface Transpiled {
  /** Where they are, laid out as in the repository. */
  readonly folder: string;
  remove(): Promise<void>;
}

/**
 * Turns folders of the repository into JavaScript, file by file and without checking types; other files are copied.
 *
 * They land below `node_modules`, so that packages are found from there.
 */
export async function transpile(name: string, folders: readonly string[]): Promise<Transpiled> {
  const target = join(ROOT, 'node_modules', '.cache', `nestjs-webhooks-${name}-${process.pid}`);
  for (const folder of folders) {
    for (const file of await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true })) {
      const entry = join(relative(join(ROOT, folder), file.parentPath), file.name);
      if (!file.isFile() || entry.endsWith('.test.ts')) continue;
      const output = join(target, folder, entry.replace(/\.ts$/, '.js'));
      await mkdir(dirname(output), { recursive: true });
      if (!entry.endsWith('.ts')) {
        await copyFile(join(ROOT, folder, entry), output);
        continue;
      }
      const source = await readFile(join(ROOT, folder, entry), 'utf8');
      const { outputText } = ts.transpileModule(source, {
        compilerOptions: {
          module: ts.ModuleKind.ES2022,
          target: ts.ScriptTarget.ES2022,
          verbatimModuleSyntax: true,
          experimentalDecorators: true,
          emitDecoratorMetadata: true,
        },
      });
      await writeFile(output, outputText);
    }
  }
  await writeFile(join(target, 'package.json'), '{"type":"module"}');
  return { folder: target, remove: () => rm(target, { recursive: true, force: true }) };
}
