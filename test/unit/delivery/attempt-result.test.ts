import { expect, it } from 'vitest';
import { requestFailure } from '../../../lib/delivery/attempt-result.js';
import { TemplateError } from '../../../lib/rendering/template-error.js';
import { SecretsError } from '../../../lib/secrets/secrets-error.js';
import { SignatureError } from '../../../lib/signing/signature-error.js';

it.each([
  [new TemplateError('WEBHOOKS_TEMPLATE_RUNTIME', 'x'), 'definition', 'template'],
  [new TemplateError('WEBHOOKS_TEMPLATE_HEADERS', 'x'), 'definition', 'template'],
  [new SignatureError('WEBHOOKS_SECRET_INVALID', 'x'), 'definition', 'template'],
  [new SecretsError('WEBHOOKS_SECRET_UNREADABLE', 'x'), 'definition', 'template'],
  [new SecretsError('WEBHOOKS_KEY_UNKNOWN', 'x'), 'ours', 'key'],
  [new SecretsError('WEBHOOKS_KEY_MISSING', 'x'), 'ours', 'key'],
  [new TypeError('x'), 'ours', 'internal'],
  ['x', 'ours', 'internal'],
])('%o instead of a request: %s', (thrown, failure, errorClass) => {
  expect(requestFailure(thrown)).toMatchObject({ failure, errorClass, error: 'x', endpoint: null });
});
