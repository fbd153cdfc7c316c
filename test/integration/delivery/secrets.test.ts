import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeOn } from '../../support/databases.js';
import { DeliveryWorld } from '../../support/delivery-world.js';
import { commitEvents } from '../../support/outbox.js';
import { allInPostgres, sqljsAndRedis, betterSqlite3AndRedis } from '../../support/stores.js';

const stores = [allInPostgres, sqljsAndRedis, betterSqlite3AndRedis];

describeOn(stores, 'secrets of deliveries on $name', ({ database, queue }) => {
  let world: DeliveryWorld;

  beforeEach(async () => {
    world = await DeliveryWorld.start(database, queue);
  });
  afterEach(() => world.close());

  it('reach the receiver and are in no record of the attempt, also when it sends them back', async () => {
    const [signing, token] = ['signing secret of this test', 'token-4711-of-this-test'];
    world.receiver.answer = ({ headers }, response) => {
      response.setHeader('x-echo', String(headers['authorization']));
      response.end(`you said ${headers['authorization']} to ${headers['host']}`);
    };
    await world.define({
      secret: signing,
      variables: { TOKEN: token },
      url: `${world.receiver.url}hook?key={{ secrets.TOKEN }}`,
      additionalHeaders: 'Authorization: Bearer {{ secrets.TOKEN }}',
    });
    await commitEvents(world.dataSource, 1);
    await world.settle('succeeded');
    expect(world.receiver.requests[0]).toMatchObject({
      path: `/hook?key=${token}`,
      headers: { authorization: `Bearer ${token}` },
    });
    const [attempt] = await world.attempts();
    expect(attempt?.responseBody).toContain('you said');
    for (const secret of [signing, token]) expect(JSON.stringify(attempt)).not.toContain(secret);
  });
});
