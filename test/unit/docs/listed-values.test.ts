import { readFileSync } from 'node:fs';
import { getMetadataStorage } from 'class-validator';
import { expect, it } from 'vitest';
import { DELIVERY_STATUSES } from '../../../lib/model/webhook-delivery.entity.js';
import { WebhookInput } from '../../../lib/webhooks/webhook-input.js';

const FIELDS = getMetadataStorage()
  .getTargetValidationMetadatas(WebhookInput, '', false, false)
  .map(({ propertyName }) => propertyName);

/** The words in code that begin the rows of the first table of a section. */
function listed(page: string, section: string): string[] {
  const [text = ''] = readFileSync(`docs/${page}`, 'utf8').split(`\n${section}\n`)[1]?.split(/^#/m) ?? [];
  const [, rows = ''] = /^\| -[^]*?\n([^]*?)\n\n/m.exec(text) ?? [];
  return [...rows.matchAll(/^\| `(\w+)` *\|/gm)].map(([, word]) => String(word));
}

it.each([
  ['field of a webhook', '10-admin.md', '### Fields of a webhook', FIELDS],
  ['state of a delivery', '08-delivery.md', '## States', DELIVERY_STATUSES],
])('lists every %s, and no other', (_, page, section, values) => {
  expect(listed(page, section).toSorted()).toEqual([...new Set<string>(values)].toSorted());
});
