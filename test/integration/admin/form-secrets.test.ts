import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLATFORMS, startAdmin, type AdminUnderTest } from '../../support/admin.js';
import { postgres } from '../../support/databases.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const SECRET = 'a secret of my own, long';

describe.skipIf(!postgres.available).each(PLATFORMS)('secrets in the form on %s', (platform) => {
  let admin: AdminUnderTest;

  beforeAll(async () => {
    admin = await startAdmin(platform);
  });
  afterAll(() => admin.close());

  const post = async (path: string, changes: Record<string, string>) => {
    const fields = {
      name: `hook ${Math.random()}`,
      url: 'http://127.0.0.1/',
      method: 'POST',
      contentType: 'application/json',
      models: 'router',
      events: 'create',
      ...changes,
    };
    const body = new URLSearchParams(fields).toString();
    const response = await admin.get(path, { method: 'POST', headers: FORM, body });
    return { status: response.status, text: await response.text() };
  };
  const define = async (values: object) => {
    const { body } = await admin.api<{ id: string; revision: number }>('POST', 'webhooks', {
      name: `hook ${Math.random()}`,
      models: ['router'],
      events: ['create'],
      url: 'http://127.0.0.1/',
      ...values,
    });
    return body;
  };
  const read = async (id: string) =>
    (await admin.api<{ hasSecret: boolean; variables: string[] }>('GET', `webhooks/${id}`)).body;

  it('are asked for again after a form was refused, each that was typed', async () => {
    const bad = { bodyTemplate: '{{ data.' };
    const none = await post('webhooks/new', bad);
    expect([none.status, none.text.includes('id="again-')]).toEqual([422, false]);
    const one = await post('webhooks/new', { ...bad, variables: 'TOKEN=x' });
    expect([one.text.includes('id="again-variables"'), one.text.includes('id="again-secret"')]).toEqual([
      true,
      false,
    ]);
    expect(one.text).toMatch(/<details class="card" open>\s*<summary>Secrets/);
  });

  it('are asked for again after somebody else changed the webhook', async () => {
    const { id } = await define({});
    const { status, text } = await post(`webhooks/${id}/edit`, { revision: '99', secret: SECRET });
    expect([status, text.includes('id="again-secret"')]).toEqual([409, true]);
    expect(text).not.toContain(SECRET);
  });

  it('that are typed make an unsigned webhook a signed one, although the box was ticked', async () => {
    const { id, revision } = await define({ secret: null });
    const { status } = await post(`webhooks/${id}/edit`, {
      revision: String(revision),
      secret: SECRET,
      unsigned: 'on',
    });
    expect([status, (await read(id)).hasSecret]).toEqual([200, true]);
  });

  it('that are typed for a webhook that shall not be signed are a fault', async () => {
    const made = await post('webhooks/new', { secret: SECRET, unsigned: 'on' });
    expect([made.status, made.text]).toEqual([422, expect.stringContaining('is ticked: untick it')]);
    const { id, revision } = await define({});
    const changes = { revision: String(revision), unsigned: 'on' };
    expect((await post(`webhooks/${id}/edit`, { ...changes, secret: SECRET })).status).toBe(422);
    expect((await post(`webhooks/${id}/edit`, changes)).status).toBe(303);
    expect((await read(id)).hasSecret).toBe(false);
  });

  it('in variables replace those that are removed', async () => {
    const { id, revision } = await define({ variables: { OLD: 'x' } });
    await post(`webhooks/${id}/edit`, {
      revision: String(revision),
      variables: 'NEW=y',
      clearVariables: 'on',
    });
    expect((await read(id)).variables).toEqual(['NEW']);
  });
});
