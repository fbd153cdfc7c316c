import { afterAll, beforeAll, expect, it } from 'vitest';
import { ObjectReader } from '../../../lib/capture/object-reader.js';
import { CaptureWorld } from '../../fixtures/capture/capture-world.js';
import { Sampled, SAMPLED, SampledMaker } from '../../fixtures/capture/sampled.entities.js';
import { PostgresValues, Values } from '../../fixtures/capture/values.entities.js';
import { betterSqlite3, describeOn, mariadb, postgres, sqljs } from '../../support/databases.js';

const TEXTS: readonly (readonly [string, RegExp])[] = [
  ['a time', /^\d{4}-\d\d-\d\dT[\d:.]+Z$/],
  ['a day', /^\d{4}-\d\d-\d\d$/],
  ['a time of day', /^\d\d:\d\d:\d\d$/],
  ['a number with two places', /^\d+\.\d\d$/],
  ['a number with places', /^\d+\.\d+$/],
  ['a number', /^\d+$/],
];

/** What kind of JSON a property holds. */
function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'string') return typeof value;
  return `a text: ${TEXTS.find(([, pattern]) => pattern.test(value))?.[0] ?? 'any'}`;
}

const kindsOf = (object: unknown) =>
  Object.fromEntries(Object.entries(object as object).map(([name, value]) => [name, kindOf(value)]));

describeOn([postgres, mariadb, sqljs, betterSqlite3], 'made-up objects on $name', (database) => {
  let world: CaptureWorld;
  beforeAll(async () => {
    world = await CaptureWorld.open(database, { entities: [SampledMaker, Sampled] });
    world.install();
  });
  afterAll(() => world.close());

  const sampleOf = (model: string) => {
    const { data, snapshot } = new ObjectReader(world.dataSource).sample(model);
    return { data: JSON.parse(data) as unknown, snapshot: JSON.parse(snapshot) as unknown };
  };

  it('have the JSON types of real events, property by property', async () => {
    const [event] = await world.eventsOf(async () => {
      const makers = world.dataSource.getRepository(SampledMaker);
      const maker = await makers.save({ fee: '12.50', founded: '2026-12-24', note: 'not selected' });
      await world.dataSource.getRepository(Sampled).insert({ ...SAMPLED, maker });
    });
    const sample = sampleOf('sampled');
    expect(kindsOf(sample.data)).toEqual(kindsOf(event?.data));
    expect(kindsOf(sample.snapshot)).toEqual(kindsOf(event?.postchange));
    const makers = [sample.data, event?.data].map((data) => kindsOf((data as Sampled).maker));
    expect(makers[0]).toEqual(makers[1]);
    expect(sample.data).toMatchObject({ settings: {}, count: 3, status: 'new', flag: false });
  });

  it('have the JSON types of real events, for all kinds of columns', async () => {
    const isPostgres = database.name === 'postgres';
    const [event] = await world.eventsOf(() =>
      world.dataSource.getRepository<object>(isPostgres ? PostgresValues : Values).insert({
        large: '1',
        exact: '1.5000',
        moment: new Date('2026-12-24T10:30:00.000Z'),
        day: '2026-12-24',
        json: { a: 1 },
        list: ['a'],
        flag: true,
        price: 0.01,
        fixed: 'text',
        bytes: Buffer.from('bytes'),
        ...(isPostgres
          ? {
              document: { a: 1 },
              numbers: [1],
              instant: new Date('2026-12-24T10:30:00.000Z'),
              point: '(1,2)',
              range: '[1,2)',
              interval: '1 hour',
              address: '192.0.2.1',
              states: ['up'],
            }
          : {}),
      }),
    );
    const sample = sampleOf('values');
    expect(kindsOf(sample.data)).toEqual(kindsOf(event?.data));
    expect(kindsOf(sample.snapshot)).toEqual(kindsOf(event?.postchange));
  });
});
