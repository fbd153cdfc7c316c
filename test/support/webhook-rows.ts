import type { DataSource } from 'typeorm';
import { newId } from '../../lib/common/new-id.js';
import { Webhook } from '../../lib/model/webhook.entity.js';

/** Writes a webhook without a secret straight into its table. */
export async function createWebhook(
  dataSource: DataSource,
  values: Partial<Webhook> & Pick<Webhook, 'models' | 'url'>,
): Promise<Webhook> {
  const id = newId();
  const now = new Date();
  return dataSource.getRepository(Webhook).save(
    dataSource.getRepository(Webhook).create({
      id,
      name: `webhook ${id}`,
      events: ['create', 'update', 'delete'],
      additionalHeaders: '',
      bodyTemplate: '',
      conditions: null,
      createdAt: now,
      updatedAt: now,
      ...(values as object),
    }),
  );
}
