import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { Asset, Gauge, Owner } from '../../fixtures/capture/imaging.entities.js';
import { describeOn, otherPostgres, postgres } from '../../support/databases.js';

describeOn([postgres, otherPostgres], 'a statement with a WITH on $name', (database) => {
  let world: CaptureWorld;
  beforeAll(async () => {
    world = await CaptureWorld.open(database, { entities: [Owner, Asset, Gauge] });
  });
  beforeEach(async () => {
    world.uninstall();
    await world.reset();
    await owners().insert({ id: 1, name: 'Ada' });
    await world.dataSource.getRepository(Asset).insert([1, 2].map((id) => ({ id, name: `a${id}` })));
    await world.install().learnConstraints();
  });
  afterAll(() => world.close());

  const builder = () => world.dataSource.createQueryBuilder();
  const owners = () => world.dataSource.getRepository(Owner);
  const gauges = () => world.dataSource.getRepository(Gauge);
  const eventsOf = async () =>
    (await world.events()).map(({ model, event, objectId }) => `${model} ${event} ${objectId}`);

  it('that reads is captured', async () => {
    await builder()
      .addCommonTableExpression("SELECT id FROM asset WHERE name = 'a2'", 'chosen')
      .update(Asset)
      .set({ uses: 7 })
      .where('id IN (SELECT id FROM chosen)')
      .execute();
    await builder()
      .addCommonTableExpression('SELECT id FROM asset WHERE uses = 7', 'chosen')
      .delete()
      .from(Asset)
      .where('id IN (SELECT id FROM chosen)')
      .execute();
    expect(await eventsOf()).toEqual(['asset update 2', 'asset delete 2']);
    expect(world.warnings).toEqual([]);
  });

  it.each(['an update', 'a delete'])(
    'that writes is refused with %s: it would be run twice',
    async (kind) => {
      const writing = () =>
        builder().addCommonTableExpression(
          "INSERT INTO owner(id, name) VALUES (9, 'x') RETURNING id",
          'made',
        );
      const write =
        kind === 'an update'
          ? writing().update(Asset).set({ uses: 7 }).where('id = 1')
          : writing().delete().from(Asset).where('id = 1');
      await expect(write.execute()).rejects.toMatchObject({
        code: 'WEBHOOKS_WRITE_UNCAPTURED',
        message: expect.stringContaining('Asset') as string,
      });
      expect(await owners().countBy({ id: 9 })).toBe(0);
      expect(await eventsOf()).toEqual([]);
    },
  );

  it('that writes what is not tracked may insert', async () => {
    await builder()
      .addCommonTableExpression('DELETE FROM owner WHERE id = 1 RETURNING id', 'gone')
      .insert()
      .into(Gauge)
      .values({ id: 5, value: 1 })
      .execute();
    expect(await owners().count()).toBe(0);
    expect(await eventsOf()).toEqual(['gauge create 5']);
    expect(world.warnings).toEqual([]);
  });

  it('that writes what is tracked is reported, or refused where the options say so', async () => {
    const insert = (id: number) =>
      builder()
        .addCommonTableExpression('UPDATE asset SET uses = 9 WHERE id = 1 RETURNING id', 'unseen')
        .insert()
        .into(Gauge)
        .values({ id, value: 1 })
        .execute();
    await insert(5);
    expect(world.warnings).toEqual([
      expect.stringMatching(/writes Asset without TypeORM's query builders/) as string,
    ]);
    await world.install({ uncaptured: 'refuse' }).learnConstraints();
    await expect(insert(6)).rejects.toMatchObject({ code: 'WEBHOOKS_WRITE_UNCAPTURED' });
    expect(await gauges().countBy({ id: 6 })).toBe(0);
  });
});
