// The module and its options
export { WebhooksModule } from './webhooks.module.js';
export type {
  CaptureOptions,
  ContextOptions,
  DeliveryOptions,
  DispatchOptions,
  HealthOptions,
  NetworkOptions,
  ProxyOptions,
  RetentionOptions,
  SecretsOptions,
  TemplateOptions,
  WebhooksModuleOptions,
} from './options/webhooks-options.js';
export type { AdminOptions, QueueOptions, WebhooksStructuralOptions } from './options/structural-options.js';
export {
  InjectWebhooksOptions,
  WEBHOOKS_OPTIONS,
  type WebhooksModuleExtras,
  type WebhooksOptionsFactory,
} from './options/webhooks.module-definition.js';
export type { ResolvedWebhooksOptions } from './options/resolve-options.js';
export { WEBHOOKS_DATA_SOURCE } from './options/tokens.js';
export { OptionsInvalidError } from './options/options-invalid.error.js';

// Opting entities in
export { WebhookEntity, type WebhookEntityOptions } from './tracking/webhook-entity.decorator.js';
export { WebhookHidden } from './tracking/webhook-hidden.decorator.js';

// Raw SQL that is to be captured
export { ChangeCapture } from './capture/change-capture.js';

// The context of a change
export {
  WebhooksContext,
  type CurrentContext,
  type WebhooksContextValues,
} from './context/webhooks-context.js';

// Managing webhooks
export { PreviewService, type Preview, type PreviewInput } from './webhooks/preview.service.js';
export type { PreviewSubject } from './webhooks/preview-subject.js';
export type { RenderedRequest } from './rendering/render-request.js';
export { WebhooksService } from './webhooks/webhooks.service.js';
export {
  WebhooksHealthIndicator,
  type WebhooksHealthLimits,
  type WebhooksHealthResult,
} from './observability/webhooks.health.js';
export { WebhooksStatistics, type WebhooksBacklog } from './observability/webhooks-statistics.js';
export {
  WebhooksNotices,
  type AttemptNotice,
  type EndpointNotice,
  type ExhaustedNotice,
  type NoticeMap,
} from './delivery/webhooks-notices.js';
export { DeliveriesService } from './webhooks/deliveries.service.js';
export type {
  BulkOptions,
  BulkResult,
  DeliveryFilter,
  ReplayOptions,
  ReplayResult,
} from './webhooks/delivery-filter.js';
export type { TestSubject } from './webhooks/delivery-test-send.js';
export { FilterInvalidError } from './webhooks/filter-invalid.error.js';
export { DeliveryImpossibleError } from './webhooks/delivery-impossible.error.js';
export { WebhookSecretsService, type RotatedSecret, type RotateOptions } from './webhooks/secrets.service.js';
export { reencryptSecrets } from './webhooks/reencrypt-secrets.js';
export { WebhookInput } from './webhooks/webhook-input.js';
export type { SavedWebhook, WebhookView } from './webhooks/webhook-view.js';
export { WebhookInvalidError, type FieldFaults } from './webhooks/webhook-invalid.error.js';
export { NotFoundError } from './webhooks/not-found.error.js';

// Tables
export { WEBHOOKS_ENTITIES } from './model/webhooks-entities.js';
export { WEBHOOKS_MIGRATIONS } from './model/migrations/webhooks-migrations.js';
export { Webhook } from './model/webhook.entity.js';
export { WebhookEvent } from './model/webhook-event.entity.js';
export {
  WebhookDelivery,
  type DeliveryStatus,
  type DeliveryTrigger,
} from './model/webhook-delivery.entity.js';
export { WebhookAttempt } from './model/webhook-attempt.entity.js';
export type { WebhookEventName, WebhookMethod } from './common/events.js';

// Helpers to test what operators write, and to verify what receivers get
export { compileConditions, type CompiledConditions } from './conditions/compile-conditions.js';
export {
  explainConditions,
  type ConditionExplanation,
  type ExplainedTerm,
} from './conditions/explain-conditions.js';
export type { ConditionSubject } from './conditions/condition-subject.js';
export type { ConditionResult } from './conditions/run-conditions.js';
export type { ConditionOperator } from './conditions/condition-tree.js';
export { CONDITION_LIMITS } from './conditions/condition-limits.js';
export { compileTemplate, type CompileTemplateOptions } from './rendering/compile-template.js';
export { signWebhook, type SignatureHeaders, type WebhookToSign } from './signing/sign-webhook.js';
export {
  verifyWebhook,
  type ReceivedHeaders,
  type VerifiedWebhook,
  type VerifyOptions,
} from './signing/verify-webhook.js';
export { generateSecret } from './signing/generate-secret.js';
export { toStandardSecret } from './signing/standard-secret.js';
export { NetworkPolicy, type NetworkPolicyOptions } from './http/network-policy.js';
export type { AddressLookup, ResolvedAddress } from './http/lookup-addresses.js';

// Errors
export { WebhooksError, type WebhooksErrorCode } from './common/webhooks-error.js';
export { ConditionInvalidError, type ConditionIssue } from './conditions/condition-invalid-error.js';
export { TemplateError, type TemplateErrorCode, type TemplateField } from './rendering/template-error.js';
export { SignatureError } from './signing/signature-error.js';
export { NetworkError } from './http/network-error.js';
export { SecretsError } from './secrets/secrets-error.js';
