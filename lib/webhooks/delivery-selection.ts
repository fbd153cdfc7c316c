import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { OF_TESTS, WebhookDelivery, type DeliveryStatus } from '../model/webhook-delivery.entity.js';
import { WebhookEvent } from '../model/webhook-event.entity.js';
import type { DeliveryFilter } from './delivery-filter.js';

/** The deliveries (alias `d`) that a filter selects, oldest first. */
export function selectDeliveries(
  manager: EntityManager,
  filter: DeliveryFilter,
): SelectQueryBuilder<WebhookDelivery> {
  const query = manager.createQueryBuilder(WebhookDelivery, 'd').orderBy('d.id');
  const { ids, webhookId, model, event, objectId, status, since, until, requestId, username } = filter;
  if (ids !== undefined) query.andWhere(among('d.id', 'ids', ids), { ids });
  if (webhookId !== undefined) query.andWhere('d.webhookId = :webhookId', { webhookId });
  if (model !== undefined) query.andWhere('d.model = :model', { model });
  if (event !== undefined) query.andWhere('d.event = :event', { event });
  if (objectId !== undefined) query.andWhere('d.objectId = :objectId', { objectId });
  const statuses = statusesOf(status);
  if (statuses !== undefined) query.andWhere(among('d.status', 'statuses', statuses), { statuses });
  if (since !== undefined) query.andWhere('d.createdAt >= :since', { since: since.getTime() });
  if (until !== undefined) query.andWhere('d.createdAt < :until', { until: until.getTime() });
  if (requestId !== undefined || username !== undefined) {
    query.innerJoin(WebhookEvent, 'e', 'e.id = d.eventId');
    if (requestId !== undefined) query.andWhere('e.requestId = :requestId', { requestId });
    if (username !== undefined) query.andWhere('e.username = :username', { username });
  }
  return query;
}

/** The dispatched events (alias `e`) that a filter selects, in their sequence; never those of test sends. */
export function selectEvents(
  manager: EntityManager,
  filter: DeliveryFilter,
): SelectQueryBuilder<WebhookEvent> {
  const query = manager
    .createQueryBuilder(WebhookEvent, 'e')
    .where('e.dispatchedAt IS NOT NULL')
    .orderBy('e.sequence');
  const { ids, webhookId, model, event, objectId, status, since, until, requestId, username } = filter;
  if (ids !== undefined) query.andWhere(among('e.id', 'ids', ids), { ids });
  if (model !== undefined) query.andWhere('e.model = :model', { model });
  if (event !== undefined) query.andWhere('e.event = :event', { event });
  if (objectId !== undefined) query.andWhere('e.objectId = :objectId', { objectId });
  if (since !== undefined) query.andWhere('e.occurredAt >= :since', { since: since.getTime() });
  if (until !== undefined) query.andWhere('e.occurredAt < :until', { until: until.getTime() });
  if (requestId !== undefined) query.andWhere('e.requestId = :requestId', { requestId });
  if (username !== undefined) query.andWhere('e.username = :username', { username });
  const tests = query
    .subQuery()
    .select('t.id')
    .from(WebhookDelivery, 't')
    .where(`t.eventId = e.id AND t.trigger ${OF_TESTS}`);
  query.andWhere(`NOT EXISTS ${tests.getQuery()}`);
  const statuses = statusesOf(status);
  if (webhookId !== undefined || statuses !== undefined) {
    const having = query.subQuery().select('h.id').from(WebhookDelivery, 'h').where('h.eventId = e.id');
    if (webhookId !== undefined) having.andWhere('h.webhookId = :webhookId');
    if (statuses !== undefined) having.andWhere(among('h.status', 'statuses', statuses));
    query.andWhere(`EXISTS ${having.getQuery()}`, { webhookId, statuses });
  }
  return query;
}

/** The statuses that a filter names, if it names any. */
export function statusesOf(status: DeliveryFilter['status']): readonly DeliveryStatus[] | undefined {
  return typeof status === 'string' ? [status] : status;
}

/** No database takes `IN ()`. */
function among(column: string, parameter: string, values: readonly string[]): string {
  return values.length === 0 ? '1 = 0' : `${column} IN (:...${parameter})`;
}
