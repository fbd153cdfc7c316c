import { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { WebhookEvent } from '../../../lib/model/webhook-event.entity.js';
import { WEBHOOKS_ENTITIES } from '../../../lib/model/webhooks-entities.js';
import { toJsonText } from '../../../lib/common/json-text.js';
import { betterSqlite3, describeOn, mariadb, postgres, sqljs } from '../../support/databases.js';
import { commitEvents } from '../../support/outbox.js';
import {
  allInPostgres,
  mariadbAndRedis,
  postgresAndRedis,
  sqljsAndRedis,
  betterSqlite3AndRedis,
} from '../../support/stores.js';
import { startApplication } from '../../support/application.js';
import { startReceiver } from '../../support/receiver.js';
import { createWebhook } from '../../support/webhook-rows.js';

const VALUE = {
  zebra: 1,
  apple: { b: [1, { z: null, a: true }], a: 'keys stay where they are' },
  nul: 'a\u0000b',
  lone: '\ud800',
  emoji: '🦓 ünïcödé 漢字',
  quotes: `"double" 'single' \\ back / slash \n line \t tab {{ braces }} $1 ? :name %s`,
  bigint: 9007199254740993n,
  decimal: '123456789012345678.123456789',
  bytes: Buffer.from([0, 1, 2, 255]),
  date: new Date(Date.UTC(2026, 1, 3, 4, 5, 6, 7)),
  nan: Number.NaN,
  infinite: Infinity,
  negativeZero: -0,
  large: 1e21,
  long: 'x'.repeat(100_000),
};

const TEXT = toJsonText(VALUE);

const stores = [allInPostgres, postgresAndRedis, mariadbAndRedis, sqljsAndRedis, betterSqlite3AndRedis];

it('has one stated encoding for each value', () => {
  const { long: _, ...short } = VALUE;
  expect(toJsonText(short)).toBe(
    String.raw`{"zebra":1,"apple":{"b":[1,{"z":null,"a":true}],"a":"keys stay where they are"},"nul":"a\u0000b","lone":"\ud800","emoji":"🦓 ünïcödé 漢字","quotes":"\"double\" 'single' \\ back / slash \n line \t tab {{ braces }} $1 ? :name %s","bigint":"9007199254740993","decimal":"123456789012345678.123456789","bytes":"AAEC/w==","date":"2026-02-03T04:05:06.007Z","nan":null,"infinite":null,"negativeZero":0,"large":1e+21}`,
  );
});

describeOn(stores, 'a payload keeps its bytes on $name', ({ database, queue }) => {
  it('in the outbox and in the request', async () => {
    const db = await database.create();
    const store = await queue.create();
    const receiver = await startReceiver();
    const application = await startApplication({ database: db.options, queue: store });
    const dataSource = application.get(DataSource);
    await createWebhook(dataSource, { models: ['router'], url: receiver.url });
    await commitEvents(dataSource, 1, { event: 'update', data: TEXT, prechange: TEXT, postchange: TEXT });
    const event = await dataSource.getRepository(WebhookEvent).findOneByOrFail({});
    expect([event.data, event.prechange, event.postchange]).toEqual([TEXT, TEXT, TEXT]);
    const [request] = await receiver.waitForRequests(1);
    expect(request?.body).toBe(
      `{"event":"update","timestamp":"${event.occurredAt.toISOString()}","model":"router","username":"ada","request_id":null,"data":${TEXT},"snapshots":{"prechange":${TEXT},"postchange":${TEXT}}}`,
    );
    expect(Math.abs(event.occurredAt.getTime() - Date.now())).toBeLessThan(60_000);
    await application.close();
    await receiver.close();
    await store.drop();
    await db.drop();
  });
});

describeOn([postgres, mariadb, sqljs, betterSqlite3], 'the outbox on $name', (database) => {
  it('gives sequences in the order of the events of a transaction, over statement limits', async () => {
    const db = await database.create();
    const dataSource = await new DataSource({
      ...db.options,
      entities: [...WEBHOOKS_ENTITIES],
      synchronize: true,
    }).initialize();
    await commitEvents(dataSource, 1_203);
    const events = await dataSource
      .getRepository(WebhookEvent)
      .find({ select: { objectId: true, sequence: true } });
    events.sort((one, other) => Number(one.sequence) - Number(other.sequence));
    expect(events.map(({ objectId }) => Number(objectId))).toEqual(
      Array.from({ length: 1_203 }, (_, index) => index + 1),
    );
    await dataSource.destroy();
    await db.drop();
  });
});
