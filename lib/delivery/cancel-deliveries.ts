import { In, type EntityManager } from 'typeorm';
import { NOW, requireDialect } from '../model/dialect.js';
import { WebhookDelivery } from '../model/webhook-delivery.entity.js';

/** Cancels what is pending or held of one delivery, or of one webhook. Gives how many there were. */
export async function cancelDeliveries(
  manager: EntityManager,
  of: { readonly id: string } | { readonly webhookId: string },
  reason: string,
): Promise<number> {
  const now = NOW[requireDialect(manager.dataSource)];
  const { affected } = await manager
    .createQueryBuilder()
    .update(WebhookDelivery)
    .set({ status: 'cancelled', error: reason, nextAttemptAt: null, queueAt: null, finishedAt: () => now })
    .where({ ...of, status: In(['pending', 'held']) })
    .execute();
  return affected ?? 0;
}
