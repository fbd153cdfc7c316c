import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { DICT_METHODS } from '../../../lib/rendering/library/dict-methods.js';
import { FILTERS } from '../../../lib/rendering/library/filters.js';
import { LIST_METHODS } from '../../../lib/rendering/library/list-methods.js';
import { NUMBER_METHODS } from '../../../lib/rendering/library/number-methods.js';
import { TESTS } from '../../../lib/rendering/library/tests.js';
import { TEXT_METHODS } from '../../../lib/rendering/library/text-methods.js';

const page = await readFile(new URL('../../../docs/05-templates.md', import.meta.url), 'utf8');

function section(title: string): string {
  return page.split(/^#+ /m).find((part) => part.startsWith(title)) ?? '';
}

it.each([
  ['Filters', [FILTERS]],
  ['Tests', [TESTS]],
  ['Methods', [TEXT_METHODS, LIST_METHODS, DICT_METHODS, NUMBER_METHODS]],
])('the page lists all %s', (title, tables) => {
  const text = section(title);
  const missing = tables
    .flatMap((table) => [...table.keys()])
    .filter((name) => !text.includes(`\`${name}\``));
  expect(missing).toEqual([]);
});
