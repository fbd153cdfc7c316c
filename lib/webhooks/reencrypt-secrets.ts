import type { DataSource } from 'typeorm';
import { Webhook } from '../model/webhook.entity.js';
import type { SecretsOptions } from '../options/webhooks-options.js';
import { ENCRYPTED_COLUMNS } from '../secrets/encrypted-secrets.js';
import { SecretStore } from '../secrets/secret-store.js';
import { reencryptBodies } from './reencrypt-bodies.js';

/**
 * Encrypts everything with the first key that an older key encrypted: the secrets of webhooks, and bodies of deliveries
 * that secrets went into. Afterwards the older keys may go. Interrupted, it is run again. The data source must know this library's entities and be initialised.
 *
 * @returns how many values were encrypted anew
 * @throws SecretsError when a value was encrypted with a key that is not given
 */
export async function reencryptSecrets(dataSource: DataSource, keys: SecretsOptions): Promise<number> {
  const secrets = new SecretStore(keys);
  let count = 0;
  let pass;
  do {
    pass = await reencryptWebhooks(dataSource, secrets);
    count += pass.written;
  } while (pass.found > 0);
  return count + (await reencryptBodies(dataSource, secrets));
}

/** One look at all webhooks. What was saved meanwhile is found by the next one. */
async function reencryptWebhooks(
  dataSource: DataSource,
  secrets: SecretStore,
): Promise<{ found: number; written: number }> {
  let [found, written] = [0, 0];
  // A cache of queries would show what is encrypted anew by now, again and again.
  for (const webhook of await dataSource.getRepository(Webhook).find({ cache: false })) {
    for (const [column, field] of ENCRYPTED_COLUMNS) {
      const encrypted = webhook[column];
      if (encrypted === null || secrets.isCurrent(encrypted)) continue;
      found += 1;
      const value = secrets.encrypt(webhook.id, field, secrets.decrypt(webhook.id, field, encrypted));
      // Only if nobody changed it meanwhile.
      const { affected } = await dataSource
        .createQueryBuilder()
        .update(Webhook)
        .set({ [column]: value })
        .where({ id: webhook.id, [column]: encrypted })
        .execute();
      written += affected ?? 0;
    }
  }
  return { found, written };
}
