import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiClient } from '../../sample-app/demo/api-client.js';
import { Receiver, type ReceivedRequest } from '../../sample-app/demo/receiver.js';
import { seedData } from '../../sample-app/demo/seed-data.js';
import { settingsFromEnvironment, type Settings } from '../../sample-app/settings.js';
import { startSampleApp, type SampleApp } from '../../sample-app/start-sample-app.js';
import { describeOn, postgres } from '../support/databases.js';

const SESSIONS = '/api/peering/internet-exchange-peering-sessions';
const WEBHOOKS = '/admin/webhooks/api/webhooks';

describeOn([postgres], 'webhooks of the documentation of Peering Manager on $name', (database) => {
  const receiver = new Receiver();
  let sample: SampleApp;
  let settings: Settings;
  let engineer: ApiClient;
  let session: object;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const created = await database.create();
    drop = created.drop;
    const { url: databaseUrl = '' } = created.options as { url?: string };
    settings = { ...(await settingsFromEnvironment({})), port: 0, databaseUrl };
    sample = await startSampleApp(settings);
    const admin = new ApiClient(sample.url, settings.tokens.admin);
    engineer = new ApiClient(sample.url, settings.tokens.engineer);
    const { system, connection } = await seedData(admin);
    session = { autonomous_system: system.id, ixp_connection: connection.id };
    const url = await receiver.start();
    const base = {
      models: ['internetexchangepeeringsession'],
      method: 'POST',
      contentType: 'application/json',
    };
    // The example of the documentation names `address`; the field of the example body is `ip_address`.
    await admin.send('POST', WEBHOOKS, {
      ...base,
      name: 'Slack',
      events: ['create'],
      url: `${url}slack`,
      bodyTemplate: `{"text": "IXP session {{ data['ip_address'] }} was created by {{ username }}."}`,
    });
    await admin.send('POST', WEBHOOKS, {
      ...base,
      name: 'Enabled sessions',
      events: ['create', 'update'],
      url: `${url}{{ event }}/{{ data.id }}`,
      additionalHeaders: 'X-Changed: {{ changed | join(",") }}\nX-User: {{ username | upper }}',
      conditions: { and: [{ attr: 'status.value', value: 'enabled' }] },
    });
  });
  afterAll(async () => {
    receiver.close();
    await sample.close();
    await drop();
  });

  async function next(): Promise<ReceivedRequest> {
    const request = await receiver.next(10_000);
    if (request === undefined) throw new Error('No request arrived.');
    return request;
  }

  it('tells Slack of a created session in its own words', async () => {
    await engineer.send('POST', SESSIONS, { ...session, ip_address: '2001:db8::fbf2:7' });
    expect(await next()).toMatchObject({
      method: 'POST',
      path: '/slack',
      body: '{"text": "IXP session 2001:db8::fbf2:7 was created by engineer."}',
    });
  });

  it('fires for a session only when its status is "enabled"', async () => {
    const { id } = await engineer.send<{ id: number }>('POST', SESSIONS, {
      ...session,
      ip_address: '2001:db8::fbf2:8',
    });
    expect((await next()).path).toBe('/slack');
    await engineer.send('PATCH', `${SESSIONS}/${id}`, { comments: 'still requested' });
    await engineer.send('PATCH', `${SESSIONS}/${id}`, { status: 'enabled' });
    const request = await next();
    expect(request).toMatchObject({
      path: `/update/${id}`,
      headers: { 'x-changed': 'status,updated', 'x-user': 'ENGINEER' },
    });
    expect(JSON.parse(request.body)).toMatchObject({
      event: 'update',
      data: { status: { value: 'enabled', label: 'Enabled' }, comments: 'still requested' },
      snapshots: { prechange: { status: 'requested' }, postchange: { status: 'enabled' } },
    });
  });
});
