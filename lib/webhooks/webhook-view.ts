import type { Webhook } from '../model/webhook.entity.js';

/** A webhook as it may be shown: of secrets only that there are any. */
export interface WebhookView extends Omit<Webhook, 'secret' | 'previousSecret' | 'variables' | 'oldSecrets'> {
  readonly hasSecret: boolean;
  /** Names of the secret values that templates can read. */
  readonly variables: readonly string[];
  /**
   * `false` when the stored variables are damaged, or their key is missing: their names are not known then, and
   * deliveries fail until they are set anew.
   */
  readonly variablesReadable: boolean;
}

/** A webhook just saved. Its secret is shown here and never again. */
export interface SavedWebhook extends WebhookView {
  /** The new secret as typed or generated; left out when it did not change. */
  readonly secret?: string;
  /** The secret in the form that Standard Webhooks verifiers take. */
  readonly standardSecret?: string;
}

/** Shows a webhook without its secrets; `variables` are their names, or `null` when they cannot be read. */
export function viewWebhook(webhook: Webhook, variables: readonly string[] | null): WebhookView {
  const { secret, previousSecret: _previous, variables: _encrypted, oldSecrets: _old, ...shown } = webhook;
  return {
    ...shown,
    hasSecret: secret !== null,
    variables: variables ?? [],
    variablesReadable: variables !== null,
  };
}
