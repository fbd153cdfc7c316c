import ts from 'typescript';
import { expect, it } from 'vitest';
import { exportsOf, projectOptions } from '../../support/compiler.js';

it('exports these names, and no other', async () => {
  expect(Object.keys(await import('../../../lib/index.js')).toSorted()).toMatchInlineSnapshot(`
    [
      "CONDITION_LIMITS",
      "ChangeCapture",
      "ConditionInvalidError",
      "DeliveriesService",
      "DeliveryImpossibleError",
      "FilterInvalidError",
      "InjectWebhooksOptions",
      "NetworkError",
      "NetworkPolicy",
      "NotFoundError",
      "OptionsInvalidError",
      "PreviewService",
      "SecretsError",
      "SignatureError",
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
      "explainConditions",
      "generateSecret",
      "reencryptSecrets",
      "signWebhook",
      "toStandardSecret",
      "verifyWebhook",
    ]
  `);
});

it('says of everything that is exported what it is', { timeout: 120_000 }, () => {
  const program = ts.createProgram(['lib/index.ts'], projectOptions());
  const checker = program.getTypeChecker();
  const exported = exportsOf(program, 'lib/index.ts');
  const untold = exported.filter(({ symbol }) => symbol.getDocumentationComment(checker).length === 0);
  expect(exported.length).toBeGreaterThan(100);
  expect(untold.map(({ name }) => name)).toEqual([]);
});
