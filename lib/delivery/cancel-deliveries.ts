import { In, type EntityManager } from 'typeorm';
import { NOW, requireDialect } from '../model/dialect.js';
import { WebhookDelivery, type DeliveryStatus } from '../model/webhook-delivery.entity.js';

/** What has not ended. */
export const CANCELLABLE: readonly DeliveryStatus[] = ['pending', 'held'];

/** Cancels what is pending or held of these deliveries, or of one webhook. Gives how many there were. */
export async function cancelDeliveries(
  manager: EntityManager,
  of: { readonly ids: readonly string[] } | { readonly webhookId: string },
  reason: string,
): Promise<number> {
  const now = NOW[requireDialect(manager.dataSource)];
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
      finishedAt: () => now,
    })
    .where({ ...('ids' in of ? { id: In([...of.ids]) } : of), status: In([...CANCELLABLE]) })
    .execute();
  return affected ?? 0;
}
