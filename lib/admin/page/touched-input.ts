import type { WebhookInput } from '../../webhooks/webhook-input.js';
import type { WebhookView } from '../../webhooks/webhook-view.js';
import { formOf, type ReadForm } from './webhook-form.js';

/** Fields of several lines whose spaces count. All others are of one line, or trimmed. */
const VERBATIM: ReadonlySet<string> = new Set(['additionalHeaders', 'bodyTemplate', 'conditions']);

/**
 * What a form changes of a webhook. Texts that nobody touched are left out, and so stay as they are saved: fields cannot
 * hold every text, because browsers have line breaks of their own, and spaces around a value are trimmed.
 */
export function touchedInput(
  { values, input }: Pick<ReadForm, 'values' | 'input'>,
  saved: WebhookView,
): Partial<WebhookInput> {
  const shown: Readonly<Record<string, unknown>> = { ...formOf(saved) };
  const isUntouched = (name: string, sent: unknown) =>
    typeof sent === 'string' && inField(name, sent) === inField(name, String(shown[name]));
  const untouched = new Set(
    Object.entries(values).flatMap(([name, sent]) => (isUntouched(name, sent) ? [name] : [])),
  );
  return Object.fromEntries(Object.entries(input).filter(([name]) => !untouched.has(name)));
}

/** A text as its field gives it back. */
function inField(name: string, text: string): string {
  if (VERBATIM.has(name)) return text.replaceAll(/\r\n?/g, '\n');
  if (name === 'caCertificate') return text.replaceAll(/\r\n?/g, '\n').trim();
  return text.replaceAll(/[\r\n]/g, '').trim();
}
