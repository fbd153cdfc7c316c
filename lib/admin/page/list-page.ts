import type { PageOf, PageRequest } from '../queries/page-of.js';
import { addressOf, type Fields } from './query-address.js';

/** What every page of a list shows beside its rows: the filter in the address, and the ways to other pages. */
export function listPage(fields: Fields, filter: object, { cursor }: PageRequest, page: PageOf<unknown>) {
  return {
    page,
    filter,
    isFiltered: Object.keys(filter).length > 0,
    fields,
    live: addressOf(fields),
    unpaged: addressOf(fields, { cursor: undefined }),
    next: page.next === null ? null : addressOf(fields, { cursor: page.next }),
    isFirst: cursor === undefined,
  };
}
