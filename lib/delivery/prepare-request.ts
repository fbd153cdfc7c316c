import { setImmediate } from 'node:timers/promises';
import type { Webhook } from '../model/webhook.entity.js';
import type { TemplateOptions } from '../options/webhooks-options.js';
import { defaultBody } from '../rendering/default-body.js';
import { renderRequest, type RenderedRequest } from '../rendering/render-request.js';
import { subjectOf } from '../rendering/serialised-subject.js';
import { TemplateError } from '../rendering/template-error.js';
import type { SecretStore } from '../secrets/secret-store.js';
import type { DeliveryWork } from './delivery-work.js';
import { keepBody, mayHoldSecrets, readBody } from './kept-body.js';
import { readSecrets } from './webhook-secrets.js';

/** A request made from a webhook and an event, but for the headers that change with each attempt. */
export interface PreparedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** `body` as the delivery keeps it. */
  readonly keptBody: string | null;
  /** Hides secret values in what is recorded. */
  mask(text: string): string;
  maskHeaders(headers: Readonly<Record<string, string>>): Record<string, string>;
}

/**
 * Renders the request as the webhook is defined now; a body that an earlier attempt fixed is sent again.
 *
 * @throws TemplateError, SecretsError
 */
export async function prepareRequest(
  work: DeliveryWork,
  webhook: Webhook,
  secrets: SecretStore,
  limits: Required<TemplateOptions>,
): Promise<PreparedRequest> {
  const { event } = work;
  if (event === null) throw new TypeError('A delivery without an event is not rendered.');
  const { variables, mask, maskHeaders } = readSecrets(webhook, secrets);
  const subject = subjectOf(event);
  const fixed = work.rendered
    ? readBody(secrets, work, work.body)
    : work.hasDefaultBody
      ? defaultBody(subject)
      : undefined;
  const templates = {
    url: webhook.url,
    method: webhook.method,
    contentType: webhook.contentType,
    additionalHeaders: webhook.additionalHeaders,
    bodyTemplate: webhook.bodyTemplate,
    strict: webhook.strictTemplates,
  };
  const options = { ...limits, ...(fixed === undefined ? {} : { body: fixed }) };
  const request = await withinLimits(() => renderRequest(templates, subject, variables, options));
  const isSecret = mayHoldSecrets(webhook.bodyTemplate, variables);
  const keptBody = fixed === undefined ? keepBody(secrets, work, request.body, isSecret) : work.body;
  return { ...request, keptBody, headers: withOurs(request.headers, event.traceparent), mask, maskHeaders };
}

/** What else the process does meanwhile, such as collecting garbage, takes from a limit: one that is met twice counts. */
async function withinLimits(render: () => RenderedRequest): Promise<RenderedRequest> {
  try {
    return render();
  } catch (error) {
    if (!(error instanceof TemplateError) || error.code !== 'WEBHOOKS_TEMPLATE_LIMIT') throw error;
    await setImmediate();
    return render();
  }
}

/** Receivers ask who is calling, and of which trace it is; a webhook may say something else, however it spells a name. */
function withOurs(
  headers: readonly (readonly [name: string, value: string])[],
  traceparent: string | null,
): Record<string, string> {
  const named = new Set(headers.map(([name]) => name.toLowerCase()));
  return {
    ...(named.has('user-agent') ? {} : { 'user-agent': 'nestjs-webhooks' }),
    ...(traceparent === null || named.has('traceparent') ? {} : { traceparent }),
    ...Object.fromEntries(headers),
  };
}
