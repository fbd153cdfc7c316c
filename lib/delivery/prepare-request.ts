import type { Webhook } from '../model/webhook.entity.js';
import type { TemplateOptions } from '../options/webhooks-options.js';
import { defaultBody } from '../rendering/default-body.js';
import { createRedactor } from '../secrets/redact.js';
import { redactHeaders } from '../secrets/redact-headers.js';
import type { SecretStore } from '../secrets/secret-store.js';
import type { DeliveryWork } from './delivery-work.js';

/** A request made from a webhook and an event, but for the headers that change with each attempt. */
export interface PreparedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Hides secret values in what is recorded. */
  mask(text: string): string;
  maskHeaders(headers: Readonly<Record<string, string>>): Record<string, string>;
}
export function prepareRequest(
  work: DeliveryWork,
  webhook: Webhook,
  _secrets: SecretStore,
  _limits: Required<TemplateOptions>,
): PreparedRequest {
  const mask = createRedactor([]);
  const { event } = work;
  return {
    method: webhook.method,
    url: webhook.url,
    headers: { 'content-type': webhook.contentType },
    body: work.rendered
      ? work.body
      : defaultBody({
          event: event.event,
          timestamp: event.occurredAt.toISOString(),
          model: event.model,
          username: event.username,
          requestId: event.requestId,
          data: event.data,
          prechange: event.prechange,
          postchange: event.postchange,
        }),
    mask,
    maskHeaders: (headers) => redactHeaders(headers, mask) as Record<string, string>,
  };
}
