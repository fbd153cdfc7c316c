import { In, type EntityManager } from 'typeorm';
import { NOW } from '../model/dialect.js';
import { Sql } from '../model/sql.js';
import { WebhookDelivery, type DeliveryStatus } from '../model/webhook-delivery.entity.js';
import { statusByKey } from './status-by-key.js';

/** What has not ended. */
export const CANCELLABLE: readonly DeliveryStatus[] = ['pending', 'held'];

/** Cancels what is pending or held of these deliveries, or of one webhook. Gives how many there were. */
export async function cancelDeliveries(
  manager: EntityManager,
  of: { readonly ids: readonly string[] } | { readonly webhookId: string },
  reason: string,
): Promise<number> {
  const sql = new Sql(manager.dataSource);
  const status = 'ids' in of ? statusByKey(sql) : sql.name('status');
  const { affected } = await manager
    .createQueryBuilder()
    .update(WebhookDelivery)
    .set({
      status: 'cancelled',
      error: reason,
      nextAttemptAt: null,
      queueAt: null,
      lockedUntil: null,
      lockToken: null,
      finishedAt: () => NOW[sql.dialect],
    })
    .where('ids' in of ? { id: In([...of.ids]) } : of)
    .andWhere(`${status} IN (:...cancellable)`, { cancellable: CANCELLABLE })
    .execute();
  return affected ?? 0;
}
