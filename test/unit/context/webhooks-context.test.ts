import { describe, expect, it } from 'vitest';
import { requestIdFrom } from '../../../lib/context/request-id.js';
import { WebhooksContext } from '../../../lib/context/webhooks-context.js';

const UUID = /^[0-9a-f-]{36}$/;

describe('WebhooksContext', () => {
  it('is there for everything that is awaited inside, and nowhere else', async () => {
    expect(WebhooksContext.current()).toBeUndefined();
    const inside = WebhooksContext.run({ username: 'ada', requestId: 'job-1' }, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return WebhooksContext.current();
    });
    expect(WebhooksContext.current()).toBeUndefined();
    expect(await inside).toEqual({ username: 'ada', requestId: 'job-1', silent: false });
  });

  it('takes what is not given from the context around', () => {
    WebhooksContext.run({ username: 'ada', requestId: 'job-1', silent: true }, () => {
      WebhooksContext.run({ username: null }, () => {
        expect(WebhooksContext.current()).toEqual({ username: null, requestId: 'job-1', silent: true });
      });
      WebhooksContext.run({ silent: false }, () => {
        expect(WebhooksContext.current()).toEqual({ username: 'ada', requestId: 'job-1', silent: false });
      });
    });
  });
});

describe('a request id', () => {
  it.each(['req-1', 'af7aebe6-d049-405a-910f-d01e5ff043cd', 'A1:b/c+d=.@_'])(
    'is kept when well-formed: %s',
    (id) => expect(requestIdFrom(id)).toBe(id),
  );
  it.each([undefined, '', 'a b', 'a\r\nb: c', '<script>', 'x'.repeat(129), 'ünïcode', ['a', 'b']])(
    'is made anew instead of %j',
    (header) => expect(requestIdFrom(header)).toMatch(UUID),
  );
});
