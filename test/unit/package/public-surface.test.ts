import { expect, it } from 'vitest';

it('exports these names, and no other', async () => {
  expect(Object.keys(await import('../../../lib/index.js')).toSorted()).toMatchInlineSnapshot(`
    [
      "ChangeCapture",
      "ConditionInvalidError",
      "DeliveriesService",
      "DeliveryNotPossibleError",
      "InjectWebhooksOptions",
      "NetworkPolicy",
      "NotFoundError",
      "OptionsInvalidError",
      "TemplateError",
      "WEBHOOKS_DATA_SOURCE",
      "WEBHOOKS_ENTITIES",
      "WEBHOOKS_MIGRATIONS",
      "WEBHOOKS_OPTIONS",
      "Webhook",
      "WebhookAttempt",
      "WebhookDelivery",
      "WebhookEntity",
      "WebhookEvent",
      "WebhookHidden",
      "WebhookInput",
      "WebhookInvalidError",
      "WebhookSecretsService",
      "WebhooksContext",
      "WebhooksError",
      "WebhooksHealthIndicator",
      "WebhooksModule",
      "WebhooksNotices",
      "WebhooksService",
      "WebhooksStatistics",
      "compileConditions",
      "compileTemplate",
      "generateSecret",
      "reencryptSecrets",
      "signWebhook",
      "toStandardSecret",
      "verifyWebhook",
    ]
  `);
});
