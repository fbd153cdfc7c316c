import { Column, DataSource, Entity, PrimaryColumn, type EntityTarget, type ObjectLiteral } from 'typeorm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ChangeCapture } from '../../../lib/capture/change-capture.js';
import { WebhookEvent } from '../../../lib/model/webhook-event.entity.js';
import { DEFAULT_OPTIONS } from '../../../lib/options/resolve-options.js';
import { OutboxWriter } from '../../../lib/outbox/outbox.writer.js';
import { WebhookEntity } from '../../../lib/tracking/webhook-entity.decorator.js';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { Router } from '../../fixtures/capture/network.entities.js';
import { describeOn, mariadb, postgres, sqljs } from '../../support/databases.js';

@Entity('moment_fine')
@WebhookEntity()
class FineMoment {
  @PrimaryColumn({ type: 'timestamp', precision: 6 }) at!: Date;
  @Column({ type: 'int' }) value!: number;
}

@Entity('moment_plain')
@WebhookEntity()
class PlainMoment {
  @PrimaryColumn({ type: 'timestamp', precision: 3 }) at!: Date;
  @Column({ type: 'int' }) value!: number;
}

@Entity('price_mark')
@WebhookEntity()
class PriceMark {
  @PrimaryColumn({ type: 'decimal', precision: 10, scale: 2 }) price!: string | number;
  @Column({ type: 'int' }) value!: number;
}

@Entity('moment_second')
@WebhookEntity()
class SecondMoment {
  @PrimaryColumn({ type: 'datetime', precision: 0 }) at!: Date;
  @Column({ type: 'int' }) value!: number;
}

describeOn([mariadb, sqljs], 'keys that are not stored as they are given, on $name', (database) => {
  let world: CaptureWorld;
  beforeAll(async () => {
    world = await CaptureWorld.open(database, {
      ...(database === sqljs ? {} : { type: 'mysql' as const }),
      entities: [PriceMark],
    });
    world.install();
  });
  afterAll(() => world.close());

  it('are told as they are stored', async () => {
    const marks = world.dataSource.getRepository(PriceMark);
    const events = await world.eventsOf(() =>
      marks.insert([
        { price: '1.5', value: 1 },
        { price: '2.00', value: 2 },
      ]),
    );
    const prices = (await marks.find({ order: { price: 'ASC' } })).map(({ price }) => price);
    expect(events.map(({ event, objectId }) => [event, objectId])).toEqual(
      prices.map((price) => ['create', String(price)]),
    );
  });
});

describeOn([mariadb], 'times that a primary key cannot hold, on $name', (database) => {
  let world: CaptureWorld;
  beforeAll(async () => {
    world = await CaptureWorld.open(database, { type: 'mysql', entities: [SecondMoment] });
    world.install();
  });
  afterAll(() => world.close());

  it('are refused before the database rounds them', async () => {
    const moments = world.dataSource.getRepository(SecondMoment);
    const insert = (time: string) => moments.insert({ at: new Date(`2026-01-02T03:04:${time}Z`), value: 1 });
    await expect(insert('05.678')).rejects.toMatchObject({ code: 'WEBHOOKS_KEY_INEXACT' });
    expect(await moments.count()).toBe(0);
    expect(await world.eventsOf(() => insert('05'))).toMatchObject([{ event: 'create' }]);
  });
});

describeOn([postgres, mariadb], 'times in a primary key on $name', (database) => {
  let drop: (() => Promise<void>) | undefined;
  let dataSource: DataSource | undefined;

  const open = async (entity: EntityTarget<ObjectLiteral>) => {
    const created = await database.create();
    drop = created.drop;
    const entities = [entity as () => void, WebhookEvent];
    dataSource = await new DataSource({ ...created.options, entities, synchronize: true }).initialize();
    return dataSource;
  };
  const capture = (source: DataSource) =>
    new ChangeCapture(source, {
      registry: { listens: () => true },
      writer: new OutboxWriter(),
      signal: { notify: () => undefined },
      options: DEFAULT_OPTIONS.capture,
    });
  beforeEach(() => async () => {
    await dataSource?.destroy();
    await drop?.();
  });

  it('are refused where a Date cannot hold them', async () => {
    const source = await open(FineMoment);
    expect(() => capture(source).install()).toThrow(
      expect.objectContaining({
        code: 'WEBHOOKS_KEY_INEXACT',
        message: expect.stringContaining('FineMoment.at') as string,
      }) as Error,
    );
  });

  it('are captured in milliseconds', async () => {
    const source = await open(PlainMoment);
    const changes = capture(source);
    changes.install();
    const moments = source.getRepository(PlainMoment);
    const at = new Date('2026-01-02T03:04:05.678Z');
    await moments.insert({ at, value: 1 });
    await moments.update({ value: 1 }, { value: 2 });
    await moments.delete({ at });
    changes.uninstall();
    const events = await source.getRepository(WebhookEvent).find({ order: { sequence: 'ASC' } });
    expect(events.map(({ event, changed }) => [event, changed])).toEqual([
      ['create', ['at', 'value']],
      ['update', ['value']],
      ['delete', ['at', 'value']],
    ]);
  });
});

describeOn([postgres], 'more rows than a statement has parameters for, on $name', (database) => {
  let world: CaptureWorld;
  beforeAll(async () => {
    world = await CaptureWorld.open(database);
  });
  afterAll(() => world.close());

  it('leave a join table by one statement', async () => {
    await world.dataSource.getRepository(Router).insert({ name: 'r' });
    await world.dataSource.query(
      `INSERT INTO tag (name) SELECT 't' || n FROM generate_series(1, 40000) AS n`,
    );
    const junction = world.dataSource.getMetadata(Router).manyToManyRelations[0]?.junctionEntityMetadata;
    const [own, other] = junction?.columns.map(({ databaseName }) => databaseName) ?? [];
    const name = junction?.tableName ?? '';
    await world.dataSource.query(`INSERT INTO "${name}" ("${own}", "${other}") SELECT 1, id FROM tag`);
    world.install({ maxRows: 50_000 });
    const remove = () =>
      world.dataSource.createQueryBuilder().delete().from(name).where(`"${own}" = 1`).execute();
    const events = await world.eventsOf(remove);
    expect(events.map(({ event, changed }) => [event, changed])).toEqual([['update', ['tags']]]);
    expect(events[0]?.prechange?.['tags']).toHaveLength(40_000);
    expect(events[0]?.postchange?.['tags']).toEqual([]);
  });
});
