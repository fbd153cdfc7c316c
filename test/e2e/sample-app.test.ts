import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebhooksService } from 'nestjs-webhooks';
import { ApiClient } from '../../sample-app/demo/api-client.js';
import { Receiver } from '../../sample-app/demo/receiver.js';
import { seedData } from '../../sample-app/demo/seed-data.js';
import { settingsFromEnvironment, type Settings } from '../../sample-app/settings.js';
import { startSampleApp, type SampleApp } from '../../sample-app/start-sample-app.js';
import { describeOn, postgres } from '../support/databases.js';

const SESSIONS = '/api/peering/internet-exchange-peering-sessions';
const PASSWORD = 'known to the routers only';
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const KEYS = ['event', 'timestamp', 'model', 'username', 'request_id', 'data', 'snapshots'];

type Fields = Record<string, unknown>;
interface Body extends Fields {
  readonly data: Fields;
  readonly snapshots: { readonly prechange: Fields | null; readonly postchange: Fields | null };
}

/** The example body of Peering Manager's documentation. */
const example = JSON.parse(
  await readFile(new URL('../fixtures/peering-manager-event.json', import.meta.url), 'utf8'),
) as Body;

describeOn([postgres], 'the sample application on $name', (database) => {
  const receiver = new Receiver();
  const bodies: string[] = [];
  let sample: SampleApp;
  let settings: Settings;
  let dataSource: DataSource;
  let drop: () => Promise<void>;
  const requestId = randomUUID();

  const send = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
    fetch(`${sample.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${settings.tokens.engineer}`,
        'content-type': 'application/json',
        'x-request-id': requestId,
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  async function nextBody(): Promise<Body> {
    const request = await receiver.next(10_000);
    if (request === undefined) throw new Error('No request arrived.');
    bodies.push(request.body);
    return JSON.parse(request.body) as Body;
  }

  beforeAll(async () => {
    const created = await database.create();
    drop = created.drop;
    const { url: databaseUrl = '' } = created.options as { url?: string };
    settings = { ...(await settingsFromEnvironment({})), port: 0, databaseUrl };
    sample = await startSampleApp(settings);
    dataSource = await new DataSource({
      type: 'postgres',
      url: databaseUrl,
    }).initialize();
    // The ids of the example.
    for (const [table, id] of [
      ['autonomous_system', 8],
      ['internet_exchange_peering_session', 84],
    ] as const)
      await dataSource.query(`SELECT setval(pg_get_serial_sequence('${table}', 'id'), ${id})`);
    await seedData(new ApiClient(sample.url, settings.tokens.admin));
    await sample.app.get(WebhooksService, { strict: false }).create({
      name: 'Sessions',
      models: ['internetexchangepeeringsession'],
      events: ['create', 'update', 'delete'],
      url: await receiver.start(),
    });
  });

  afterAll(async () => {
    receiver.close();
    await dataSource?.destroy();
    await sample?.close();
    await drop?.();
  });

  it('sends a created session as the documentation of Peering Manager shows it', async () => {
    const response = await send('POST', SESSIONS, {
      autonomous_system: 9,
      ixp_connection: 1,
      ip_address: '2001:db8::fbf2:1',
      password: PASSWORD,
    });
    expect(response.status).toBe(201);
    const shown = await response.text();
    const body = await nextBody();
    expect(Object.keys(body)).toEqual(KEYS);
    expect(body).toMatchObject({
      event: 'create',
      timestamp: expect.stringMatching(ISO) as string,
      model: 'internetexchangepeeringsession',
      username: 'engineer',
      request_id: requestId,
    });
    // Passwords are hidden; the example's display misspells the name beside it.
    const { password: _p, encrypted_password: _e, ...data } = example.data;
    const { created, updated } = body.data;
    const expected = JSON.stringify({ ...data, created, updated }).replace('Industris', 'Industries');
    expect(JSON.stringify(body.data)).toBe(expected);
    expect([created, updated]).toEqual([expect.stringMatching(ISO), expect.stringMatching(ISO)]);
    expect(shown).toBe(expected);
    expect(body.snapshots).toEqual({
      prechange: null,
      postchange: {
        id: 85,
        serviceReference: null,
        autonomousSystem: 9,
        ixpConnection: 1,
        ipAddress: '2001:db8::fbf2:1',
        status: 'requested',
        multihopTtl: 1,
        isRouteServer: false,
        importRoutingPolicies: [],
        exportRoutingPolicies: [],
        communities: [],
        localContextData: null,
        existsInPeeringdb: false,
        isAbandoned: false,
        bgpState: null,
        receivedPrefixCount: 0,
        advertisedPrefixCount: 0,
        lastEstablishedState: null,
        comments: '',
        tags: [],
        created,
        updated,
      },
    });
  });

  it('sends what a change made of it, and a deleted session as it was', async () => {
    const before = JSON.parse(bodies[0] ?? '') as Body;
    await send('PATCH', `${SESSIONS}/85`, { status: 'enabled', tags: ['transit'] });
    const update = await nextBody();
    expect(Object.keys(update)).toEqual(KEYS);
    expect(update.event).toBe('update');
    expect(Object.keys(update.data)).toEqual(Object.keys(before.data));
    expect(update.data).toEqual({
      ...before.data,
      status: { value: 'enabled', label: 'Enabled' },
      tags: ['transit'],
      updated: expect.stringMatching(ISO) as string,
    });
    expect(update.snapshots.prechange).toEqual(before.snapshots.postchange);
    expect(update.snapshots.postchange).toMatchObject({
      status: 'enabled',
      tags: ['transit'],
      autonomousSystem: 9,
    });

    expect((await send('DELETE', `${SESSIONS}/85`)).status).toBe(204);
    const removal = await nextBody();
    expect(Object.keys(removal)).toEqual(KEYS);
    expect(removal).toMatchObject({ event: 'delete', username: 'engineer', request_id: requestId });
    expect(JSON.stringify(removal.data)).toBe(JSON.stringify(update.data));
    expect(removal.snapshots).toEqual({ prechange: update.snapshots.postchange, postchange: null });
  });

  it('makes a request id where there is none, and answers with it', async () => {
    const session = { autonomous_system: 9, ixp_connection: 1, ip_address: '192.0.2.1', password: PASSWORD };
    const response = await send('POST', SESSIONS, session, { 'x-request-id': 'not\twell-formed' });
    const { request_id: made } = await nextBody();
    expect(made).toMatch(/^[\da-f-]{36}$/);
    expect(response.headers.get('x-request-id')).toBe(made);
  });

  it('lets the password go nowhere', async () => {
    expect(bodies).toHaveLength(4);
    expect(bodies.filter((body) => /password/i.test(body) || body.includes(PASSWORD))).toEqual([]);
    const tables = await dataSource.query<{ name: string }[]>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
       WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'`,
    );
    const holding: string[] = [];
    for (const { name } of tables) {
      const [row] = await dataSource.query<{ count: string }[]>(
        `SELECT count(*) AS count FROM ${name} AS t WHERE t::text LIKE '%${PASSWORD}%'`,
      );
      if (row?.count !== '0') holding.push(name);
    }
    expect(holding).toEqual(['public.internet_exchange_peering_session']);
  });

  it.each([
    ['nobody', undefined, 401],
    ['an engineer', 'engineer', 403],
    ['an administrator', 'admin', 200],
  ] as const)('answers %s at the admin API with the right status', async (_, user, status) => {
    const authorization = user === undefined ? '' : `Bearer ${settings.tokens[user]}`;
    const response = await send('GET', '/admin/webhooks/api/webhooks', undefined, { authorization });
    expect(response.status).toBe(status);
  });

  it.each([
    [{ ip_address: 'nonsense' }, 400],
    [{ autonomous_system: 404 }, 422],
    [{ nonsense: true }, 400],
  ])('refuses a change to %j', async (change, status) => {
    const [session] = (await (await send('GET', SESSIONS)).json()) as { id: number }[];
    expect((await send('PATCH', `${SESSIONS}/${session?.id}`, change)).status).toBe(status);
  });

  it('has migrations that leave nothing for the schema builder to change', async () => {
    const pending = await sample.app.get(DataSource).driver.createSchemaBuilder().log();
    expect(pending.upQueries.map(({ query }) => query)).toEqual([]);
  });
});
