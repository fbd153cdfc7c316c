import { expect, it } from 'vitest';
import { compileTemplate } from '../../../lib/rendering/compile-template.js';
import { templateContext, type TemplateSubject } from '../../../lib/rendering/template-context.js';

const SUBJECT: TemplateSubject = {
  event: 'create',
  model: 'internetexchangepeeringsession',
  timestamp: '2023-08-07T19:30:23.140Z',
  username: 'admin',
  requestId: 'af7aebe6-d049-405a-910f-d01e5ff043cd',
  data: { address: '2001:db8::fbf2:1' },
  prechange: null,
  postchange: { status: 'requested' },
  changed: [],
};

it('holds exactly the variables of templates', () => {
  expect(templateContext(SUBJECT, { A: 'b' })).toEqual({
    event: 'create',
    model: 'internetexchangepeeringsession',
    timestamp: '2023-08-07T19:30:23.140Z',
    username: 'admin',
    request_id: 'af7aebe6-d049-405a-910f-d01e5ff043cd',
    data: { address: '2001:db8::fbf2:1' },
    snapshots: { prechange: null, postchange: { status: 'requested' } },
    changed: [],
    secrets: { A: 'b' },
  });
});

it("renders Peering Manager's Slack example", () => {
  const template = `{"text": "IXP session {{ data['address'] }} was created by {{ username }}."}`;
  expect(compileTemplate(template)(templateContext(SUBJECT))).toBe(
    '{"text": "IXP session 2001:db8::fbf2:1 was created by admin."}',
  );
});
