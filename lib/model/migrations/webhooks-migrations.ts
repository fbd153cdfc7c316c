import { CreateWebhookTables1795219200000 } from './1795219200000-create-webhook-tables.js';

/**
 * The migrations of this library, for the `migrations` of the data source. Safe when several processes run them at
 * once.
 */
export const WEBHOOKS_MIGRATIONS = [CreateWebhookTables1795219200000] as const;
