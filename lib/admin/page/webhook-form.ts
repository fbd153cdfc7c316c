import type { WebhookEventName, WebhookMethod } from '../../common/events.js';
import type { WebhookInput } from '../../webhooks/webhook-input.js';
import type { FieldFaults } from '../../webhooks/webhook-invalid.error.js';
import type { WebhookView } from '../../webhooks/webhook-view.js';
import { formatDuration, parseDuration } from './durations.js';
import { FormBody } from './form-body.js';

/** What the fields of the form hold. */
export interface FormValues {
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly models: readonly string[];
  readonly events: readonly string[];
  readonly url: string;
  readonly method: string;
  readonly contentType: string;
  readonly additionalHeaders: string;
  readonly bodyTemplate: string;
  readonly strictTemplates: boolean;
  readonly conditions: string;
  readonly unsigned: boolean;
  readonly clearVariables: boolean;
  readonly sslVerification: boolean;
  readonly caCertificate: string;
  readonly timeout: string;
  readonly schedule: string;
  readonly rateLimit: string;
  readonly ratePeriod: string;
  readonly ordered: boolean;
}

/** A form as it was sent: what to show again, and what it means. */
export interface ReadForm {
  readonly values: FormValues;
  /** Of the saved webhook, when the form was opened; `null` for a new one. */
  readonly revision: number | null;
  readonly input: WebhookInput;
  /** What does not mean anything. */
  readonly faults: FieldFaults;
  /** Which secrets were typed. They are never shown again, and so have to be typed again when the form is. */
  readonly typed: { readonly secret: boolean; readonly variables: boolean };
}

/** An empty form. */
export const NEW_WEBHOOK: FormValues = {
  name: '',
  description: '',
  enabled: true,
  models: [],
  events: ['create', 'update', 'delete'],
  url: '',
  method: 'POST',
  contentType: 'application/json',
  additionalHeaders: '',
  bodyTemplate: '',
  strictTemplates: false,
  conditions: '',
  unsigned: false,
  clearVariables: false,
  sslVerification: true,
  caCertificate: '',
  timeout: '',
  schedule: '',
  rateLimit: '',
  ratePeriod: '1s',
  ordered: false,
};

/** A saved webhook as the form shows it. */
export function formOf(webhook: WebhookView): FormValues {
  return {
    ...NEW_WEBHOOK,
    name: webhook.name,
    description: webhook.description,
    enabled: webhook.enabled,
    models: webhook.models,
    events: webhook.events,
    url: webhook.url,
    method: webhook.method,
    contentType: webhook.contentType,
    additionalHeaders: webhook.additionalHeaders,
    bodyTemplate: webhook.bodyTemplate,
    strictTemplates: webhook.strictTemplates,
    conditions: webhook.conditions === null ? '' : JSON.stringify(webhook.conditions, null, 2),
    unsigned: !webhook.hasSecret,
    sslVerification: webhook.sslVerification,
    caCertificate: webhook.caCertificate ?? '',
    timeout: webhook.timeout === null ? '' : formatDuration(webhook.timeout),
    schedule: (webhook.schedule ?? []).map(formatDuration).join(', '),
    rateLimit: webhook.rateLimit === null ? '' : String(webhook.rateLimit),
    ratePeriod: formatDuration(webhook.ratePeriod),
    ordered: webhook.ordered,
  };
}

/**
 * Reads the form. Secrets that are left empty stay as they are.
 *
 * @param saved - what is edited. When it has no secret, the box that says so was ticked before one was typed
 */
export function readForm(sent: unknown, saved?: Pick<WebhookView, 'hasSecret'>): ReadForm {
  const body = new FormBody(sent);
  const faults: Record<string, readonly string[]> = {};
  const fault = <Value>(field: string, message: string, value: Value): Value => {
    faults[field] = [message];
    return value;
  };
  const values: FormValues = {
    name: body.text('name').trim(),
    description: body.text('description').trim(),
    enabled: body.ticked('enabled'),
    models: body.texts('models'),
    events: body.texts('events'),
    url: body.text('url').trim(),
    method: body.text('method'),
    contentType: body.text('contentType').trim(),
    additionalHeaders: body.text('additionalHeaders'),
    bodyTemplate: body.text('bodyTemplate'),
    strictTemplates: body.ticked('strictTemplates'),
    conditions: body.text('conditions'),
    unsigned: body.ticked('unsigned'),
    clearVariables: body.ticked('clearVariables'),
    sslVerification: body.ticked('sslVerification'),
    caCertificate: body.text('caCertificate').trim(),
    timeout: body.text('timeout').trim(),
    schedule: body.text('schedule').trim(),
    rateLimit: body.text('rateLimit').trim(),
    ratePeriod: body.text('ratePeriod').trim(),
    ordered: body.ticked('ordered'),
  };
  const durationOf = (field: 'timeout' | 'ratePeriod', otherwise: number | null) => {
    if (values[field] === '') return otherwise;
    const duration = parseDuration(values[field]);
    return duration ?? fault(field, `${field} must be a duration such as 15s or 2m 30s`, otherwise);
  };
  const secret = body.text('secret');
  if (secret !== '' && values.unsigned && saved?.hasSecret !== false) {
    const message =
      'secret is typed, but "Send without a signature" is ticked: untick it, or leave the secret out';
    fault('secret', message, undefined);
  }
  const variables = readVariables(body.text('variables'), (message) =>
    fault('variables', message, undefined),
  );
  const { unsigned, clearVariables, schedule, rateLimit, conditions, ...same } = values;
  const input: WebhookInput = {
    ...same,
    models: [...values.models],
    events: values.events as WebhookEventName[],
    method: values.method as WebhookMethod,
    caCertificate: values.caCertificate === '' ? null : values.caCertificate,
    timeout: durationOf('timeout', null),
    ratePeriod: durationOf('ratePeriod', 1_000) ?? 1_000,
    rateLimit: rateLimit === '' ? null : Number(rateLimit),
    schedule: readSchedule(schedule, (message) => fault('schedule', message, null)),
    conditions: readConditions(conditions, (message) => fault('conditions', message, null)),
    ...(secret !== '' ? { secret } : unsigned ? { secret: null } : {}),
    // What is typed replaces all of them anyhow.
    ...(variables !== undefined ? { variables } : clearVariables ? { variables: null } : {}),
  };
  const revision = body.text('revision');
  const typed = { secret: secret !== '', variables: body.text('variables').trim() !== '' };
  return { values, revision: revision === '' ? null : Number(revision), input, faults, typed };
}

function readSchedule(text: string, fault: (message: string) => null): number[] | null {
  if (text === '') return null;
  const durations = text.split(/[,\n]/).map((part) => parseDuration(part));
  if (durations.every((duration) => duration !== undefined)) return durations;
  return fault('schedule must be durations separated by commas, such as 0s, 5s, 5m, 2h');
}

function readConditions(text: string, fault: (message: string) => null): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as SyntaxError;
    return fault(
      `conditions must be JSON such as { "attr": "status", "value": "active" }: ${placeIn(text, message)}`,
    );
  }
}

/** What JSON.parse says, with the line that it counts no lines for. */
function placeIn(text: string, message: string): string {
  const position = / in JSON at position (\d+)(?: \(.*\))?$/.exec(message);
  if (position === null) return message;
  const before = text.slice(0, Number(position[1])).split('\n');
  const place = `(line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`;
  return `${message.slice(0, position.index)} ${place}`;
}

/** `NAME=value`, one a line. */
function readVariables(
  text: string,
  fault: (message: string) => undefined,
): Record<string, string> | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) return undefined;
  const variables: [name: string, value: string][] = [];
  for (const [index, line] of lines.entries()) {
    const [name, ...value] = line.split('=');
    // The line itself may hold a secret.
    if (value.length === 0) return fault(`variables must be NAME=value lines; line ${index + 1} has no "="`);
    variables.push([name?.trim() ?? '', value.join('=').trim()]);
  }
  // Of a name such as `__proto__` too.
  return Object.fromEntries(variables);
}
