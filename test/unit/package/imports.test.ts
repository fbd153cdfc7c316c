import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly peerDependencies: Record<string, string>;
  readonly peerDependenciesMeta?: Record<string, { readonly optional?: boolean }>;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const optional = new Set(
  Object.entries(manifest.peerDependenciesMeta ?? {}).flatMap(([name, meta]) =>
    meta.optional === true ? [name] : [],
  ),
);
const required = new Set(
  [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)].filter(
    (name) => !optional.has(name),
  ),
);

const IMPORT = /^(?:import|export)\s[^;]*?\bfrom '([^'.][^']*)';|^import '([^'.][^']*)';/gm;

/** Packages that the files of lib name in a static import, with where. */
const imported = new Map<string, string>();
for (const file of readdirSync('lib', { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
)) {
  for (const [, from, bare] of readFileSync(join('lib', file), 'utf8').matchAll(IMPORT)) {
    const specifier = from ?? bare ?? '';
    if (specifier.startsWith('node:')) continue;
    imported.set(
      specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/'),
      file,
    );
  }
}

describe('lib', () => {
  it('imports only packages that come with it or that its host must have', () => {
    expect([...imported].filter(([name]) => !required.has(name))).toEqual([]);
  });

  it('uses every dependency it brings', () => {
    const loaded = readdirSync('lib', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join('lib', name), 'utf8'))
      .join('\n');
    const unused = Object.keys(manifest.dependencies).filter((name) => !loaded.includes(`'${name}`));
    expect(unused).toEqual([]);
  });
});
