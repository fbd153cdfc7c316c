import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('exports these names, and no other', async () => {
  expect(Object.keys(await import('../../../lib/index.js')).toSorted()).toMatchInlineSnapshot(`
    [
      "CONDITION_LIMITS",
      "ChangeCapture",
      "ConditionInvalidError",
      "DeliveriesService",
      "DeliveryImpossibleError",
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

const PUBLIC =
  /@publicApi\s*\*\/\s*(?:@\w+\([^)]*\)\s*)*export (?:async )?(?:class|const|function|interface|type) (\w+)/g;

it('exports whatever is marked @publicApi', () => {
  const exported = new Set(readFileSync('lib/index.ts', 'utf8').match(/\w+/g));
  const marked = readdirSync('lib', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => [...readFileSync(join('lib', name), 'utf8').matchAll(PUBLIC)])
    .map(([, name]) => String(name));
  expect(marked).toContain('WebhooksModule');
  expect(marked.filter((name) => !exported.has(name))).toEqual([]);
});
