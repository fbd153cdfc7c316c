import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { exportsOf, projectOptions } from '../../support/compiler.js';

interface Example {
  readonly page: string;
  /** Lines before its first one. */
  readonly line: number;
  readonly source: string;
}

const FENCE = /^```ts\n(.*?)^```/gms;
const FOLDER = resolve('test/fixtures/docs-surroundings');
const SURROUNDINGS = join(FOLDER, 'index.ts');

const pages = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)];
const examples = pages.filter((page) => page.endsWith('.md')).flatMap(examplesOf);

it('compile as strictly as the library does', { timeout: 120_000 }, () => {
  const options = projectOptions(COMPILER);
  const host = ts.createCompilerHost(options);
  const known = ts.createProgram([SURROUNDINGS], options, host);
  const programs = examples.map((_, index) => join(FOLDER, `example-${index}.ts`));
  const files = new Map(examples.map((example, index) => [programs[index] as string, programOf(example)]));
  files.set(join(FOLDER, 'granted.d.ts'), granted(known));
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => files.has(path) || fileExists.call(host, path);
  host.getSourceFile = (path, version, ...rest) => {
    const text = files.get(path);
    return text === undefined
      ? getSourceFile.call(host, path, version, ...rest)
      : ts.createSourceFile(path, text, version, true);
  };
  const program = ts.createProgram([...files.keys()], options, host, known);
  const faults = programs.flatMap((path, index) => {
    const file = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    return found.map((fault) => described(fault, examples[index] as Example));
  });
  expect(examples.length).toBeGreaterThan(20);
  expect(faults).toEqual([]);
});

const COMPILER: ts.CompilerOptions = { noEmit: true, noUnusedLocals: false, noUnusedParameters: false };

function examplesOf(page: string): Example[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(FENCE)].map(({ index, 1: source = '' }) => ({
    page,
    line: text.slice(0, index).split('\n').length,
    source,
  }));
}

/** An option alone stands for what it is given to. */
function programOf({ source }: Example): string {
  return `export {}; ${/^\w+: \{/.test(source) ? `WebhooksModule.forRoot({${source}});` : source}`;
}

/** What is taken for granted, known everywhere: an example that declares the same name itself means its own. */
function granted(program: ts.Program): string {
  const lines = exportsOf(program, SURROUNDINGS).flatMap(({ name, symbol: { flags } }) => [
    ...(flags & ts.SymbolFlags.Value ? [`const ${name}: typeof import('./index.js').${name};`] : []),
    ...(flags & ts.SymbolFlags.Type ? [`type ${name} = import('./index.js').${name};`] : []),
  ]);
  return `export {}; declare global { ${lines.join('\n')} }`;
}

function described({ file, start = 0, messageText }: ts.Diagnostic, { page, line }: Example): string {
  const at = line + 1 + (file?.getLineAndCharacterOfPosition(start).line ?? 0);
  return `${page}:${at}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
}
