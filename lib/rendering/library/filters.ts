import { LIST_FILTERS } from './list-filters.js';
import type { Operation, Operations } from './operation.js';
import { TEXT_FILTERS } from './text-filters.js';
import { VALUE_FILTERS } from './value-filters.js';

const ALIASES = [
  ['d', 'default'],
  ['e', 'escape'],
] as const;

function allFilters(): Operations {
  const filters = new Map<string, Operation>([...TEXT_FILTERS, ...LIST_FILTERS, ...VALUE_FILTERS]);
  for (const [alias, name] of ALIASES) {
    const filter = filters.get(name);
    if (filter !== undefined) filters.set(alias, filter);
  }
  return filters;
}

/** Every filter. */
export const FILTERS: Operations = allFilters();
