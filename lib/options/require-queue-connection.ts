import { OptionsInvalidError } from './options-invalid.error.js';

/**
 * Without a connection BullMQ would take a Redis on this machine where the queue is only written, and refuse where it is
 * read with words that do not say where to give one.
 *
 * @param config - what the application has configured for its queues, if it has
 * @throws OptionsInvalidError
 */
export function requireQueueConnection(config: { readonly connection?: unknown } | undefined): void {
  if (config?.connection !== undefined) return;
  throw new OptionsInvalidError([
    'the queue has no connection to Redis: import BullModule.forRoot({ connection: { … } }), name its configuration as ' +
      "queue.configKey, or use PostgreSQL with queue.backend: 'postgres'",
  ]);
}
