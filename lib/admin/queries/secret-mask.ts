import type { DataSource } from 'typeorm';
import { Webhook } from '../../model/webhook.entity.js';
import { createRedactor, MASK } from '../../secrets/redact.js';
import type { SecretStore } from '../../secrets/secret-store.js';
import { secretValues } from '../../secrets/secret-values.js';

/**
 * Makes a function that hides a webhook's secret values, also those that it had before, in what was sent and what came
 * back: templates may put them into bodies, and receivers may echo them. Where one cannot be decrypted, nothing is
 * shown.
 */
export async function secretMask(
  dataSource: DataSource,
  secrets: SecretStore,
  webhookId: string,
): Promise<(text: string) => string> {
  const webhook = await dataSource.getRepository(Webhook).findOneBy({ id: webhookId });
  // A deleted webhook took its secrets along.
  if (webhook === null) return () => MASK;
  try {
    const { values, complete } = secretValues(secrets, webhook);
    return complete ? createRedactor(values) : () => MASK;
  } catch {
    return () => MASK;
  }
}
