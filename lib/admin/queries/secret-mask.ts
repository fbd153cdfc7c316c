import type { DataSource } from 'typeorm';
import { Webhook } from '../../model/webhook.entity.js';
import { createRedactor, MASK } from '../../secrets/redact.js';
import type { SecretStore } from '../../secrets/secret-store.js';

/**
 * Makes a function that hides a webhook's secret values in what was sent and what came back: templates may put them
 * into bodies, and receivers may echo them. Where they cannot be decrypted, nothing is shown.
 */
export async function secretMask(
  dataSource: DataSource,
  secrets: SecretStore,
  webhookId: string,
): Promise<(text: string) => string> {
  const webhook = await dataSource.getRepository(Webhook).findOneBy({ id: webhookId });
  // A deleted webhook took its secrets along.
  if (webhook === null) return () => MASK;
  const { id, secret, previousSecret, variables } = webhook;
  try {
    const keys = [secret, previousSecret].flatMap((key) =>
      key === null ? [] : [secrets.decrypt(id, 'secret', key)],
    );
    const values =
      variables === null
        ? []
        : Object.values(JSON.parse(secrets.decrypt(id, 'variables', variables)) as Record<string, string>);
    return createRedactor([...keys, ...values]);
  } catch {
    return () => MASK;
  }
}
