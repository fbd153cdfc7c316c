import type { Sql } from '../model/sql.js';
import { WebhookDelivery } from '../model/webhook-delivery.entity.js';

/** A row of {@link webhookPage}. */
export interface PagedWebhook {
  readonly id: string;
  /** Its place in the page, from 1. */
  readonly nth: string | number;
}

/** Webhooks of one page: MySQL and MariaDB follow a recursion a thousand times and no further. */
const PAGE = 500;

/**
 * The recursive table `page` (`id`, `nth`) for a WITH: the webhooks of which there are deliveries, in the order of
 * their ids. Each costs one probe of an index, however many deliveries it has. The last row may have no id.
 *
 * @param after - the page begins behind this webhook
 * @param condition - for the deliveries (alias `p`), if not all count
 */
export function webhookPage(sql: Sql, after: string | undefined, condition = '1 = 1'): string {
  const id = `p.${sql.name('webhook_id')}`;
  const from = `FROM ${sql.table(WebhookDelivery)} AS p WHERE ${condition}`;
  const begin = after === undefined ? '' : `AND ${id} > ${sql.value(after)}`;
  return `page (id, nth) AS (
    SELECT MIN(${id}), 1 ${from} ${begin}
    UNION ALL
    SELECT (SELECT MIN(${id}) ${from} AND ${id} > page.id), page.nth + 1 FROM page WHERE page.id IS NOT NULL AND page.nth < ${PAGE})`;
}

/** Reads page after page, until one is not full. */
export async function readWebhookPages<Row extends PagedWebhook>(
  readPage: (after: string | undefined) => Promise<readonly Row[]>,
): Promise<Row[]> {
  const all: Row[] = [];
  let after: string | undefined;
  do {
    const rows = await readPage(after);
    all.push(...rows);
    after = rows.find(({ nth }) => Number(nth) === PAGE)?.id;
  } while (after !== undefined);
  return all;
}
