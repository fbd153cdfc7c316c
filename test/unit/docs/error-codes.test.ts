import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const CODE = /'(WEBHOOKS_[A-Z_]*[A-Z])'/g;

it('lists every error code in docs/09-errors.md, and no other', () => {
  const thrown = new Set<string>();
  for (const file of readdirSync('lib', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  )) {
    for (const [, code] of readFileSync(join('lib', file), 'utf8').matchAll(CODE))
      if (code !== undefined) thrown.add(code);
  }
  // A default of the command line, not an error.
  thrown.delete('WEBHOOKS_KEY');
  const listed = [
    ...readFileSync('docs/09-errors.md', 'utf8').matchAll(/^\| `(WEBHOOKS_[A-Z_]+)` *\|/gm),
  ].map(([, code]) => String(code));
  expect(listed.toSorted()).toEqual([...thrown].toSorted());
});
