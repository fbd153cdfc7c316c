import type { DataSource, EntityManager, QueryDeepPartialEntity } from 'typeorm';
import { NOW, requireDialect } from '../model/dialect.js';
import { onPrimary } from '../model/on-primary.js';
import { readCommitted } from '../model/read-committed.js';
import { Webhook } from '../model/webhook.entity.js';
import { NotFoundError } from './not-found.error.js';

/** One webhook. @throws NotFoundError */
export async function findWebhook(manager: EntityManager, id: string): Promise<Webhook> {
  const webhook = await manager.getRepository(Webhook).findOne({ where: { id }, cache: false });
  if (webhook === null) throw new NotFoundError('webhook', id);
  return webhook;
}

/**
 * Writes what `change` makes of a webhook, and makes it anew when somebody else wrote in between: secrets that are
 * replaced must be those that are remembered.
 *
 * @param within - done in the same transaction, behind the change
 * @throws NotFoundError
 */
export async function changeWebhook(
  dataSource: DataSource,
  id: string,
  change: (webhook: Webhook) => Promise<QueryDeepPartialEntity<Webhook>> | QueryDeepPartialEntity<Webhook>,
  within?: (manager: EntityManager) => Promise<void>,
): Promise<void> {
  for (let written = false; !written;) {
    // What is behind would be changed in vain, again and again.
    const webhook = await onPrimary(dataSource, (manager) => findWebhook(manager, id));
    const set: QueryDeepPartialEntity<Webhook> = {
      ...(await change(webhook)),
      revision: () => `${dataSource.driver.escape('revision')} + 1`,
      updatedAt: () => NOW[requireDialect(dataSource)],
    };
    written = await readCommitted(dataSource, async (manager) => {
      const update = manager.createQueryBuilder().update(Webhook).set(set);
      const { affected } = await update
        .where({ id, revision: webhook.revision })
        .updateEntity(false)
        .execute();
      if (affected === 0) return false;
      await within?.(manager);
      return true;
    });
  }
}
