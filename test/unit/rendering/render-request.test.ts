import { describe, expect, it } from 'vitest';
import { renderRequest, type RequestTemplates } from '../../../lib/rendering/render-request.js';
import type { SerialisedSubject } from '../../../lib/rendering/serialised-subject.js';
import { TemplateError } from '../../../lib/rendering/template-error.js';

const SUBJECT: SerialisedSubject = {
  event: 'update',
  model: 'device',
  timestamp: '2026-01-02T03:04:05.678Z',
  username: 'ada',
  requestId: 'r-1',
  changed: ['name'],
  data: '{"id":7,"name":"core 1","evil":"x\\r\\nX-Injected: 1","nul":"a\\u0000b","euro":"€","path":"../a\\\\b"}',
  prechange: '{"name":"old"}',
  postchange: '{"name":"core 1"}',
};
const WEBHOOK: RequestTemplates = {
  url: 'https://hooks.example/{{ data.id }}',
  method: 'POST',
  contentType: 'application/json',
  additionalHeaders: '',
  bodyTemplate: '{{ event }}',
};
/** Limits in time are for other tests: here a busy machine must not decide. */
const PATIENT = { timeLimit: 10_000 };
const render = (change: Partial<RequestTemplates>, subject = SUBJECT) =>
  renderRequest({ ...WEBHOOK, ...change }, subject, { TOKEN: 't0k' }, PATIENT);

function failureOf(change: Partial<RequestTemplates>): TemplateError {
  try {
    render(change);
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  throw new Error('did not fail');
}

it('renders the request of a webhook', () => {
  const request = render({
    url: ' https://hooks.example/{{ model }}/{{ data.name | urlencode }}?by={{ username }}#top ',
    additionalHeaders:
      'Authorization: Bearer {{ secrets.TOKEN }}\r\n\nX-Changed:{{ changed | join(",") }}  \n',
    bodyTemplate: '{"text": {{ (snapshots.prechange.name ~ " -> " ~ snapshots.postchange.name) | tojson }}}',
  });
  expect(request).toEqual({
    url: 'https://hooks.example/device/core%201?by=ada',
    method: 'POST',
    headers: [
      ['content-type', 'application/json'],
      ['Authorization', 'Bearer t0k'],
      ['X-Changed', 'name'],
    ],
    body: '{"text": "old -> core 1"}',
  });
});

describe('the body', () => {
  it('is the default one when its template is blank, with the bytes of the texts', () => {
    const subject = {
      ...SUBJECT,
      data: '{"b" :1.50,\n"a":"\\u00e9"}',
      prechange: null,
      postchange: ' [1,  2]',
    };
    expect(render({ bodyTemplate: ' \n' }, subject).body).toBe(
      '{"event":"update","timestamp":"2026-01-02T03:04:05.678Z","model":"device","username":"ada","request_id":"r-1",' +
        '"data":{"b" :1.50,\n"a":"\\u00e9"},"snapshots":{"prechange":null,"postchange": [1,  2]}}',
    );
  });

  it('is left out of GET without a template, together with its type', () => {
    expect(render({ method: 'GET', bodyTemplate: '' })).toMatchObject({ body: null, headers: [] });
    expect(render({ method: 'GET', bodyTemplate: 'x' })).toMatchObject({
      body: 'x',
      headers: [['content-type', 'application/json']],
    });
    expect(render({ method: 'DELETE', bodyTemplate: '' }).body).toContain('"event":"update"');
  });

  it('of an earlier rendering is sent again, whatever the template says now', () => {
    const templates = { ...WEBHOOK, bodyTemplate: '{{ data.list.nope() }}' };
    expect(renderRequest(templates, SUBJECT, {}, { body: 'first' }).body).toBe('first');
    expect(renderRequest(templates, SUBJECT, {}, { body: null })).toMatchObject({ body: null, headers: [] });
  });

  it.each([
    ['{{ data.nul }}', 'WEBHOOKS_TEMPLATE_BODY'],
    ['{{ "€" | center(400000) | replace(" ", "€") }}', 'WEBHOOKS_TEMPLATE_BODY'],
    ['{{ nope() }}', 'WEBHOOKS_TEMPLATE_UNKNOWN'],
  ])('is refused for %s', (bodyTemplate, code) => {
    expect(failureOf({ bodyTemplate })).toMatchObject({ code, field: 'bodyTemplate' });
  });
});

describe('the URL', () => {
  it.each([
    ['HTTP://Example.com', 'http://example.com/'],
    ['https://example.com:8443/a?b=c', 'https://example.com:8443/a?b=c'],
    ['https://example.com/ü', 'https://example.com/%C3%BC'],
    ['https://münchen.example/', 'https://xn--mnchen-3ya.example/'],
  ])('%s becomes %s', (url, normal) => expect(render({ url }).url).toBe(normal));

  it.each([
    ['', 'is empty'],
    ['{{ missing }}', 'is empty'],
    ['ftp://example.com', 'http://'],
    ['javascript:alert(1)', 'http://'],
    ['//example.com', 'http://'],
    ['http:///example.com', 'http://'],
    ['http:example.com', 'http://'],
    ['https://exa mple.com/', 'white space'],
    ['https://example.com/{{ data.name }}', 'white space'],
    ['https://example.com/{{ data.evil }}', 'white space'],
    ['https://example.com/{{ data.path }}', 'backslash'],
    ['https://example.com/\u00a0x', 'white space'],
    ['https://example.com/\u2028x', 'white space'],
    ['https://example.com/\ufeffx', 'white space'],
    ['https://example.com/\tx', 'white space'],
    ['https://user:pass@example.com/', 'password'],
    ['https://user@example.com/', 'password'],
    ['https://[::1', 'not a valid URL'],
    ['https://example.com:99999/', 'not a valid URL'],
    [`https://example.com/${'x'.repeat(2_048)}`, 'more than 2048'],
  ])('%j is refused: %s', (url, why) => {
    const error = failureOf({ url });
    expect(error).toMatchObject({ code: 'WEBHOOKS_TEMPLATE_URL', field: 'url' });
    expect(error.message).toContain(why);
  });
});

describe('the headers', () => {
  it.each([
    ['no colon', 'Authorization', 1],
    ['a name that is no token', 'X-A: 1\nBad Name: 2', 2],
    ['an empty name', ': x', 1],
    ['a name made by a value', '{{ data.name }}: x', 1],
    ['a character headers cannot carry', 'X-A: {{ data.euro }}', 1],
    ['a NUL', 'X-A: {{ data.nul }}', 1],
    ['the same name twice', 'X-A: 1\nx-a: 2', 2],
    ['content-type', 'Content-Type: text/plain', 1],
    ['more than 16 KB', `X-A: ${'x'.repeat(16_384)}`, 1],
    ...[
      'Host', 'content-length', 'Transfer-Encoding', 'connection', 'keep-alive', 'proxy-authorization', 'Proxy-Connection', 'TE',
      'trailer', 'Upgrade', 'expect', 'http2-settings', ':authority', 'webhook-id', 'Webhook-Timestamp', 'webhook-signature',
      'X-Hook-Signature',
    ].map((name): [string, string, number] => [name, `X-A: 1\n${name}: x`, 2]),
    ['a name that imitates a reserved one', 'Webhook_Signature: v1,x', 1],
    ['another one', 'x.hook_signature: x', 1],
    ['the type of the content', 'content_type: x', 1],
    ['a reserved name made by a value', '{{ "ho" ~ "st" }}: x', 1],
  ])('are refused for %s', (_, additionalHeaders, line) => {
    expect(failureOf({ additionalHeaders })).toMatchObject({ code: 'WEBHOOKS_TEMPLATE_HEADERS', field: 'additionalHeaders', line });
  }); // prettier-ignore

  it.each(['X-A: {{ data.evil }}', '{% set x = data.evil %}X-A: {{ x }}', '{% macro m() %}{{ data.evil }}{% endmacro %}X-A: {{ m() }}', 'X-A: {{ "a\nb" }}', 'X-A: {{ data | join("\r") }}'])(
    'cannot be begun by a value: %j',
    (additionalHeaders) => {
      expect(failureOf({ additionalHeaders })).toMatchObject({ code: expect.stringMatching(/_(HEADERS|RUNTIME)$/) as string, field: 'additionalHeaders' });
    },
  ); // prettier-ignore

  it('may be written by tags over several lines', () => {
    const additionalHeaders =
      '{% if event == "update" %}\nX-A: 1\n{% endif %}{% for c in changed %}X-{{ c }}: {{ loop.index }}\n{% endfor %}';
    expect(render({ additionalHeaders }).headers.slice(1)).toEqual([
      ['X-A', '1'],
      ['X-name', '1'],
    ]);
  });

  it('take their type from its field, JSON when that is blank', () => {
    expect(render({ contentType: ' text/plain; charset=utf-8 ' }).headers).toEqual([
      ['content-type', 'text/plain; charset=utf-8'],
    ]);
    expect(render({ contentType: '' }).headers).toEqual([['content-type', 'application/json']]);
    expect(failureOf({ contentType: 'text/plain\r\nX: 1' })).toMatchObject({ field: 'contentType' });
  });
});

it('names the field, line and column of an error in a template', () => {
  const error = failureOf({ bodyTemplate: 'a\n{{ x | nope }}' });
  expect(error).toMatchObject({ field: 'bodyTemplate', line: 2, column: 8 });
  expect(error.message).toMatch(/^bodyTemplate: There is no filter "nope".*\(line 2, column 8\)$/);
});

it('refuses a method that webhooks do not have', () => {
  expect(() => render({ method: 'TRACE' })).toThrow(TemplateError);
});

it('reads data only when a template does', () => {
  const broken = { ...SUBJECT, data: 'not JSON' };
  expect(renderRequest({ ...WEBHOOK, url: 'https://a.example/' }, broken, {}).body).toBe('update');
});

it('gives the templates of a request one budget', () => {
  const loop = '{% for i in range(40) %}{% endfor %}';
  const templates = {
    ...WEBHOOK,
    url: `${loop}https://a.example/`,
    additionalHeaders: loop,
    bodyTemplate: loop,
  };
  expect(() => renderRequest(templates, SUBJECT, {}, { maxSteps: 160 })).not.toThrow();
  expect(() => renderRequest(templates, SUBJECT, {}, { maxSteps: 120 })).toThrow(/steps/);
});
