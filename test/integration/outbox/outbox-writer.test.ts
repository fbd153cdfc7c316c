import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebhookEvent } from '../../../lib/model/webhook-event.entity.js';
import type { CapturedEvent } from '../../../lib/outbox/captured-event.js';
import { describeOn, mariadb, postgres, sqljs } from '../../support/databases.js';
import { openLibraryTables } from '../../support/library-tables.js';
import { commitEvents } from '../../support/outbox.js';

/** Texts that a statement's own punctuation must not change. */
const TEXTS = [
  '',
  'NULL',
  '{}',
  '{"a","b"}',
  '\\',
  "'; --",
  '"',
  '$1 ? :a',
  '\u001e',
  'a\u001fb',
  'line\nline',
  '💥 ß 漢',
];

/** Events with every text in every place; every third without those that may be missing. */
function eventOf(index: number): Partial<CapturedEvent> {
  const text = TEXTS[index % TEXTS.length] ?? '';
  const json = JSON.stringify({ [text]: text, index });
  const missing = index % 3 === 0;
  return {
    objectId: `${index} ${text}`,
    counterpartId: missing ? null : text,
    username: missing ? null : text,
    requestId: missing ? null : text,
    data: json,
    prechange: missing ? null : json,
    postchange: missing ? null : json,
    changed: [text, 'name'],
  };
}

describeOn([postgres, mariadb, sqljs], 'the outbox on $name', (database) => {
  let dataSource: DataSource;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ dataSource, close } = await openLibraryTables(database));
  });
  afterAll(() => close());

  it.each([1, 2, 4, 5, 12, 501])(
    'stores %i events of one transaction as they are, in order',
    async (count) => {
      await dataSource.getRepository(WebhookEvent).clear();
      await commitEvents(dataSource, count, eventOf);
      const stored = await dataSource.getRepository(WebhookEvent).find({ order: { sequence: 'ASC' } });
      expect(stored).toEqual(
        Array.from({ length: count }, (_, index) => expect.objectContaining(eventOf(index)) as unknown),
      );
      expect(new Set(stored.map(({ id }) => id)).size).toBe(count);
      expect(stored.map(({ id }) => id)).toEqual(stored.map(({ id }) => id).toSorted());
    },
  );

  it('stores more in one transaction than a packet of the database holds', async () => {
    await dataSource.getRepository(WebhookEvent).clear();
    const data = JSON.stringify({ text: 'x'.repeat(400_000) });
    await commitEvents(dataSource, 60, { data });
    expect(await dataSource.getRepository(WebhookEvent).countBy({ data })).toBe(60);
  });

  it.each([...TEXTS, null])('stores %j once for each of the events that share it', async (text) => {
    const shared = {
      counterpartId: text,
      username: text,
      requestId: text,
      data: text ?? '',
      prechange: text,
      postchange: text,
    };
    await dataSource.getRepository(WebhookEvent).clear();
    await commitEvents(dataSource, 6, (index) => ({ ...shared, objectId: String(index) }));
    const stored = await dataSource.getRepository(WebhookEvent).find({ order: { sequence: 'ASC' } });
    expect(stored).toEqual(
      Array.from(
        { length: 6 },
        (_, index) => expect.objectContaining({ ...shared, objectId: String(index) }) as unknown,
      ),
    );
  });
});
