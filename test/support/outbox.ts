import type { DataSource } from 'typeorm';
import type { CapturedEvent } from '../../lib/outbox/captured-event.js';
import { OutboxWriter } from '../../lib/outbox/outbox.writer.js';

/** Commits events as capture would, without a change of an entity. */
export async function commitEvents(
  dataSource: DataSource,
  count: number,
  values: Partial<CapturedEvent> | ((index: number) => Partial<CapturedEvent>) = {},
): Promise<void> {
  const events = Array.from({ length: count }, (_, index): CapturedEvent => ({
    model: 'router',
    event: 'create',
    objectId: String(index + 1),
    counterpartId: null,
    username: 'ada',
    requestId: null,
    data: JSON.stringify({ id: index + 1 }),
    prechange: null,
    postchange: JSON.stringify({ id: index + 1 }),
    changed: ['id'],
    ...(typeof values === 'function' ? values(index) : values),
  }));
  await dataSource.transaction(async (manager) => {
    if (manager.queryRunner === undefined) throw new Error('A transaction has a query runner.');
    await new OutboxWriter().write(manager.queryRunner, events);
  });
}
