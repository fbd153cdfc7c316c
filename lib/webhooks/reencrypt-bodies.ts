import { Like, MoreThan, type DataSource } from 'typeorm';
import { keepBody, readBody } from '../delivery/kept-body.js';
import { WebhookDelivery } from '../model/webhook-delivery.entity.js';
import { ENCRYPTED_PREFIX, isEncrypted } from '../secrets/key-ring.js';
import type { SecretStore } from '../secrets/secret-store.js';

/** Bodies read at a time, each of up to a megabyte. */
const BATCH = 50;

/**
 * Encrypts the bodies of deliveries with the first key that an older key encrypted.
 *
 * @returns how many there were
 * @throws SecretsError
 */
export async function reencryptBodies(dataSource: DataSource, secrets: SecretStore): Promise<number> {
  const deliveries = dataSource.getRepository(WebhookDelivery);
  let count = 0;
  for (let last = ''; ;) {
    const found = await deliveries.find({
      select: { id: true, webhookId: true, body: true },
      where: { id: MoreThan(last), body: Like(`${ENCRYPTED_PREFIX}%`) },
      order: { id: 'ASC' },
      take: BATCH,
    });
    for (const delivery of found) {
      const { id, body } = delivery;
      if (body === null || !isEncrypted(body) || secrets.isCurrent(body)) continue;
      const again = keepBody(secrets, delivery, readBody(secrets, delivery, body), true);
      const { affected } = await deliveries.update({ id, body }, { body: again });
      count += affected ?? 0;
    }
    const end = found.at(-1);
    if (end === undefined || found.length < BATCH) return count;
    last = end.id;
  }
}
