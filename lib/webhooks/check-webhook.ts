import { X509Certificate } from 'node:crypto';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { WebhooksError } from '../common/webhooks-error.js';
import { ConditionInvalidError } from '../conditions/condition-invalid-error.js';
import { compileConditions } from '../conditions/compile-conditions.js';
import type { NetworkPolicy } from '../http/network-policy.js';
import { checkTemplates, isLiteralTemplate } from '../rendering/check-templates.js';
import { checkSecret } from '../signing/check-secret.js';
import type { FieldFaults } from './webhook-invalid.error.js';
import { WebhookInput } from './webhook-input.js';

/** Each text that is recorded is searched for each variable, in each way it may be encoded. */
const MAX_VARIABLES = 50;
/** Characters of all variables together. */
const MAX_VARIABLES_LENGTH = 16_384;

/** What a webhook is checked against. */
export interface WebhookCheckContext {
  /** Names of the models there are. */
  readonly models: ReadonlySet<string>;
  readonly network: NetworkPolicy;
}

/** Finds everything that is wrong with a webhook, by field. Empty when it can be saved. */
export function checkWebhook(given: WebhookInput, context: WebhookCheckContext): FieldFaults {
  const faults = new Map<string, string[]>();
  const add = (field: string, message: string) => faults.set(field, [...(faults.get(field) ?? []), message]);

  const input = plainToInstance(WebhookInput, given);
  for (const error of validateSync(input, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
  })) {
    for (const message of new Set(Object.values(error.constraints ?? {}))) add(error.property, message);
  }
  // Names that every object has are no news to the validator.
  for (const name of Object.keys(given)) {
    if (name in Object.prototype) add(name, `property ${name} should not exist`);
  }
  // The checks below look at fields that have at least the right type.
  const sound = (field: keyof WebhookInput) =>
    !faults.has(field) && given[field] !== undefined && given[field] !== null;

  if (sound('models')) {
    const unknown = given.models.filter((model) => !context.models.has(model));
    if (unknown.length > 0) {
      add(
        'models',
        `models names ${unknown.join(', ')}, which is not tracked; there are ${[...context.models].toSorted().join(', ')}`,
      );
    }
  }
  if (sound('url') && isLiteralTemplate(given.url)) addAll(add, 'url', checkUrl(given.url, context.network));
  for (const { field, message } of checkTemplates(templatesOf(given, sound))) {
    if (!faults.has(field)) addAll(add, field, message);
  }
  if (sound('conditions')) addAll(add, 'conditions', checkConditions(given.conditions));
  if (sound('secret')) addAll(add, 'secret', checkSecret(given.secret ?? ''));
  if (sound('variables')) addAll(add, 'variables', checkVariables(given.variables));
  if (given.sslVerification === false && context.network.requireSslVerification) {
    add(
      'sslVerification',
      'sslVerification must be true here (delivery.network.requireSslVerification); a private authority goes into caCertificate',
    );
  }
  if (sound('caCertificate')) {
    addAll(add, 'caCertificate', checkCertificate(given.caCertificate ?? ''));
    if (given.sslVerification === false) {
      add(
        'caCertificate',
        'caCertificate must be left out when sslVerification is false: nothing would be checked against it',
      );
    }
  }
  return Object.fromEntries(faults);
}

function addAll(add: (field: string, message: string) => void, field: string, problem: string | null): void {
  if (problem !== null) add(field, problem.startsWith(field) ? problem : `${field}: ${problem}`);
}

/** The templates as far as they are texts; the others have their fault already. */
function templatesOf(given: WebhookInput, sound: (field: keyof WebhookInput) => boolean) {
  const text = (field: 'url' | 'additionalHeaders' | 'bodyTemplate' | 'contentType') =>
    sound(field) ? (given[field] ?? '') : '';
  return {
    // Whether a URL is missing is said above.
    url: text('url') === '' ? 'http://missing.example/' : text('url'),
    additionalHeaders: text('additionalHeaders'),
    bodyTemplate: text('bodyTemplate'),
    contentType: text('contentType'),
    strict: given.strictTemplates === true,
  };
}

function checkUrl(url: string, network: NetworkPolicy): string | null {
  try {
    network.checkUrl(url);
    return null;
  } catch (error) {
    return error instanceof WebhooksError ? error.message : String(error);
  }
}

function checkConditions(conditions: unknown): string | null {
  try {
    compileConditions(conditions);
    return null;
  } catch (error) {
    if (!(error instanceof ConditionInvalidError)) throw error;
    return error.issues.map(({ path, message }) => `${path === '' ? '' : `${path}: `}${message}`).join('; ');
  }
}

function checkVariables(variables: unknown): string | null {
  if (typeof variables !== 'object' || Array.isArray(variables)) return 'must be an object of named texts';
  const given = Object.entries(variables as object);
  if (given.length > MAX_VARIABLES) return `must be at most ${MAX_VARIABLES} variables`;
  let length = 0;
  for (const [name, value] of given) {
    if (!/^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(name)) {
      return `the name "${name}" must be a letter followed by up to 63 letters, digits or underscores`;
    }
    if (typeof value !== 'string' || value === '' || value.length > 4_096)
      return `${name} must be a text of 1 to 4096 characters`;
    length += value.length;
  }
  if (length > MAX_VARIABLES_LENGTH)
    return `must have at most ${MAX_VARIABLES_LENGTH} characters together, names not counted`;
  return null;
}

function checkCertificate(pem: string): string | null {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g);
  if (blocks === null)
    return 'must be a PEM certificate: -----BEGIN CERTIFICATE----- … -----END CERTIFICATE-----';
  try {
    return blocks.map((block) => new X509Certificate(block)).length > 0 ? null : 'holds no certificate';
  } catch {
    return 'holds a PEM block that is not a certificate';
  }
}
