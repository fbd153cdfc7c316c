import { describe, expect, it } from 'vitest';
import { checkTemplates, isLiteralTemplate } from '../../../lib/rendering/check-templates.js';

const FIELDS = {
  url: 'https://example.com/{{ data.id }}',
  contentType: 'application/json',
  additionalHeaders: 'X-A: {{ data.a }}\n',
  bodyTemplate: '',
};

it('reports every faulty field at once, with its place', () => {
  const faults = checkTemplates({
    url: 'https://example.com/{{ a | nope }}',
    contentType: 'text/plain\nX: 1',
    additionalHeaders: 'X-A: 1\nno colon',
    bodyTemplate: '\n{% if %}',
  });
  expect(faults.map(({ field, code, line }) => [field, code, line])).toEqual([
    ['url', 'WEBHOOKS_TEMPLATE_UNKNOWN', 1],
    ['additionalHeaders', 'WEBHOOKS_TEMPLATE_HEADERS', 2],
    ['bodyTemplate', 'WEBHOOKS_TEMPLATE_SYNTAX', 2],
    ['contentType', 'WEBHOOKS_TEMPLATE_HEADERS', undefined],
  ]);
  expect(faults[1]?.message).toMatch(/no colon\. \(line 2\)$/);
});

describe('when a webhook is saved', () => {
  it.each([
    ['a literal URL that is none', { url: 'example.com' }],
    ['an empty URL', { url: '  ' }],
    ['a scheme before a value', { url: 'ftp://{{ data.host }}/' }],
    ['white space in the literal part of a URL', { url: 'https://example.com/a b/{{ data.id }}' }],
    ['a URL with credentials', { url: 'https://a:b@example.com/' }],
    ['a reserved header', { additionalHeaders: 'Host: {{ data.host }}' }],
    [
      'a reserved header in a branch',
      { additionalHeaders: '{% if a %}X-A: 1\n{% else %}Content-Length: 1\n{% endif %}' },
    ],
    ['a header name with a space', { additionalHeaders: 'X A: 1' }],
    ['a header value with an emoji', { additionalHeaders: 'X-A: 🎉 {{ a }}' }],
    ['a line without a colon in a loop', { additionalHeaders: '{% for a in b %}nothing\n{% endfor %}' }],
  ])('%s is refused', (_, change) => expect(checkTemplates({ ...FIELDS, ...change })).toHaveLength(1));

  it.each([
    ['templates that depend on values', {}],
    ['a URL that is a value', { url: '{{ secrets.URL }}' }],
    ['a host that is a value', { url: 'https://{{ data.host }}:{{ data.port }}/' }],
    ['a header that is a value', { additionalHeaders: '{{ secrets.HEADER }}' }],
    [
      'headers in branches',
      { additionalHeaders: '{% if a %}\nX-A: {% if b %}1{% else %}2{% endif %}\n{% endif %}' },
    ],
    ['a comment over several lines', { additionalHeaders: '{# one\ntwo\nthree #}X-A: 1' }],
    ['a block that is set', { additionalHeaders: '{% set x %}\nno header\n{% endset %}X-A: 1' }],
  ])('%s pass', (_, change) => expect(checkTemplates({ ...FIELDS, ...change })).toEqual([]));
});

it.each([
  ['https://example.com/', true],
  ['https://example.com/{x}', true],
  ['https://example.com/{{ x }}', false],
  ['{# c #}https://example.com/', false],
])('%s is literal: %s', (source, literal) => expect(isLiteralTemplate(source)).toBe(literal));
