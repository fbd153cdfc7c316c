import 'reflect-metadata';
import { Exclude, Expose, Transform } from 'class-transformer';
import {
  AfterLoad,
  Column,
  DataSource,
  Entity,
  ManyToOne,
  OneToMany,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entityFromImage } from '../../../lib/capture/entity-from-image.js';
import { eventData } from '../../../lib/capture/event-data.js';
import { EventShape } from '../../../lib/capture/event-shape.js';
import { sampleEntity, sampleImage } from '../../../lib/capture/sample-object.js';
import { TrackedSchema } from '../../../lib/capture/tracked-schema.js';
import type { TrackedTable } from '../../../lib/capture/tracked-table.js';
import { WebhookEntity } from '../../../lib/tracking/webhook-entity.decorator.js';
import { WebhookHidden } from '../../../lib/tracking/webhook-hidden.decorator.js';

const text = { type: 'text' } as const;
const transformedTo = (value: unknown) =>
  ({ type: 'text', transformer: { to: () => 'x', from: () => value } }) as const;

@Entity()
class Site {
  @PrimaryGeneratedColumn() id!: number;
  @Column() name!: string;
  @Column({ type: 'datetime' }) opened!: Date;
  @Column() @WebhookHidden() password!: string;
  @OneToMany('Nested', 'site') nested!: Relation<unknown>[];
}
@Entity()
class RuledSite {
  @PrimaryGeneratedColumn() id!: number;
  @Column() @Expose({ name: 'title' }) name!: string;
  @Column() @Exclude() internal!: string;
}

let made = 0;

@Entity()
@WebhookEntity({ relations: ['site'] })
class Plain {
  @PrimaryGeneratedColumn() id!: number;
  @Column() name!: string;
  @Column() active!: boolean;
  @Column({ type: 'datetime' }) since!: Date;
  @Column({ type: 'bigint' }) total!: string;
  @Column({ type: 'simple-json' }) tags!: unknown;
  @Column({ ...text, select: false }) unselected!: string;
  @Column() @WebhookHidden() token!: string;
  @ManyToOne(() => Site) site!: Relation<Site> | null;
  get label(): string {
    return `the ${this.name}`;
  }
  constructor() {
    made += 1;
  }
}
@Entity()
@WebhookEntity({ relations: ['site'] })
class Whole {
  @PrimaryGeneratedColumn() id!: number;
  @Column() name!: string;
  @ManyToOne(() => Site) site!: Relation<Site> | null;
}
@Entity()
@WebhookEntity({ relations: ['site'] })
class Mixed {
  @ManyToOne(() => Site) site: Relation<Site> | null = null;
  @Column() name: string = '';
  @PrimaryGeneratedColumn() id!: number;
}
@Entity()
@WebhookEntity({ relations: ['nested'] })
class Nested {
  @PrimaryGeneratedColumn() id!: number;
  @ManyToOne(() => Nested) parent!: Relation<Nested> | null;
  @ManyToOne(() => Site) site!: Relation<Site> | null;
  @OneToMany(() => Nested, (child) => child.parent) nested!: Relation<Nested>[];
}
@Entity()
@WebhookEntity({ relations: ['site'] })
class Lazy {
  @PrimaryGeneratedColumn() id!: number;
  @ManyToOne(() => Site) site!: Promise<Site | null>;
  @ManyToOne(() => Nested) nested!: Promise<Nested | null>;
}
@Entity()
@WebhookEntity({ relations: ['site'] })
class RuledRelation {
  @PrimaryGeneratedColumn() id!: number;
  @ManyToOne(() => RuledSite) site!: Relation<RuledSite> | null;
}
@Entity()
@WebhookEntity()
class MoreThanColumns {
  @PrimaryGeneratedColumn() id!: number;
  kind = 'more';
}
@Entity()
@WebhookEntity()
class FilledRelation {
  @PrimaryGeneratedColumn() id!: number;
  @ManyToOne(() => Site) site: Relation<Site> | null = null;
}
@Entity()
@WebhookEntity()
class FilledUnselected {
  @PrimaryGeneratedColumn() id!: number;
  @Column({ ...text, select: false }) secret: string = 'of the class';
}
@Entity()
@WebhookEntity()
class Accessor {
  @PrimaryGeneratedColumn() id!: number;
  @Column() label!: string;
  @Column() set name(value: string) {
    this.label = value.toUpperCase();
  }
  get name(): string {
    return this.label;
  }
}
@Entity()
@WebhookEntity()
class OwnAccessor {
  @PrimaryGeneratedColumn() id!: number;
  @Column() name!: string;
  constructor() {
    Object.defineProperty(this, 'name', { get: () => 'always', set() {}, enumerable: true });
  }
}
@Entity()
@WebhookEntity()
class Loaded {
  @PrimaryGeneratedColumn() id!: number;
  @Column() name!: string;
  @AfterLoad() load(): void {
    this.name = `loaded ${this.id}`;
  }
}
@Entity()
@WebhookEntity()
class Ruled {
  @PrimaryGeneratedColumn() id!: number;
  @Column() @Transform(({ value }) => `${String(value)}!`) name!: string;
}
@Entity()
@WebhookEntity()
class Grouped {
  @PrimaryGeneratedColumn() id!: number;
  @Column() name!: string;
  @Column() @Expose({ groups: ['admin'] }) kept!: string;
}
@Entity()
@WebhookEntity()
class ToJson {
  @PrimaryGeneratedColumn() id!: number;
  toJSON(): unknown {
    return { only: this.id };
  }
}
class Address {
  @Column() address!: string;
  @Column() @WebhookHidden() door!: string;
}
@Entity()
@WebhookEntity()
class Embedding {
  @PrimaryGeneratedColumn() id!: number;
  @Column(() => Address) address!: Address;
}
class Excluding {
  shown = 1;
  @Exclude() kept = 2;
}
class Hiding {
  shown = 1;
  @WebhookHidden() kept = 2;
}
class OwnDate extends Date {
  override toJSON(): string {
    return 'a day';
  }
}
@Entity()
@WebhookEntity()
class Transformed {
  @PrimaryGeneratedColumn() id!: number;
  @Column(transformedTo(new Excluding())) excluding!: unknown;
  @Column(transformedTo(new OwnDate(0))) day!: unknown;
  @Column(transformedTo(new Date(Number.NaN))) noDate!: unknown;
}
@Entity()
@WebhookEntity()
class TransformedToHiding {
  @PrimaryGeneratedColumn() id!: number;
  @Column(transformedTo(new Hiding())) hiding!: unknown;
}
@Entity()
@WebhookEntity()
class Odd {
  @PrimaryGeneratedColumn() id!: number;
  @Column({ type: 'blob' }) bytes!: Buffer;
  @Column(transformedTo(new Map([['a', 1n]]))) map!: unknown;
}
@Entity()
@WebhookEntity()
class Thenable {
  @PrimaryGeneratedColumn() id!: number;
  @Column(transformedTo(JSON.parse('{"then":"x","toJSON":1}'))) value!: unknown;
}
@Entity()
@WebhookEntity({ serialize: ({ id }: Serialised) => ({ it: id }) })
class Serialised {
  @PrimaryGeneratedColumn() id!: number;
}

/** Tracked entities, each with what makes it special. */
const ENTITIES: readonly (readonly [string, new () => object])[] = [
  ['nothing but columns and a reference', Plain],
  ['all that its snapshots have', Whole],
  ['all that its snapshots have, in another order', Mixed],
  ['a list of related objects', Nested],
  ['references that are loaded when they are asked for', Lazy],
  ['a related class with rules', RuledRelation],
  ['a property that is no column', MoreThanColumns],
  ['a relation that its class fills', FilledRelation],
  ['an unselected column that its class fills', FilledUnselected],
  ['a column behind an accessor', Accessor],
  ['a column behind an accessor of each object', OwnAccessor],
  ['@AfterLoad()', Loaded],
  ['rules of class-transformer', Ruled],
  ['groups of class-transformer', Grouped],
  ['toJSON()', ToJson],
  ['an embedded object', Embedding],
  ['columns that are transformed to objects with rules', Transformed],
  ['a column that is transformed to an object with hidden parts', TransformedToHiding],
  ['bytes and maps', Odd],
  ['JSON that looks like a promise', Thenable],
  ['its own serialize', Serialised],
];

describe('the data of an event', () => {
  let dataSource: DataSource;
  let schema: TrackedSchema;

  beforeAll(async () => {
    const entities = [Site, RuledSite, ...ENTITIES.map(([, entity]) => entity)];
    dataSource = await new DataSource({ type: 'sqljs', entities }).initialize();
    schema = new TrackedSchema(dataSource);
  });
  afterAll(() => dataSource.destroy());

  function world(entity: new () => object) {
    const kind = dataSource.getMetadata(entity);
    const table = schema.table(kind) as TrackedTable;
    const shape = new EventShape(dataSource, kind);
    const image = sampleImage(dataSource, kind);
    const object = { table, key: table.keyOf(image.row) };
    const related = () => {
      const names = table.entityOf(kind).relations;
      const sample = sampleEntity(dataSource, kind, names) as Record<string, unknown>;
      return Object.fromEntries(names.map((name) => [name, sample[name]]));
    };
    const states = { before: null, after: image, last: image };
    const data = (of = related()) =>
      shape.texts(states, shape.difference(states), { object, related: of, leaving: undefined }).data;
    const dataOfEntity = (of = related()) =>
      eventData(entityFromImage(dataSource, kind, image, of), kind, object);
    return { shape, image, object, data, dataOfEntity, related };
  }

  it.each(ENTITIES)('is that of an entity with %s, for the first and all that follow', (_, entity) => {
    const { data, dataOfEntity } = world(entity);
    const expected = dataOfEntity();
    expect([data(), data(), data()]).toEqual([expected, expected, expected]);
  });

  it.each(ENTITIES)('is that of an entity with %s where it refers to nothing', (_, entity) => {
    const { data, dataOfEntity, related } = world(entity);
    const nothing = Object.fromEntries(
      Object.entries(related()).map(([name, value]) => [name, Array.isArray(value) ? [] : null]),
    );
    const expected = dataOfEntity(nothing);
    expect([data(), data(nothing), data(nothing)]).toEqual([dataOfEntity(), expected, expected]);
  });

  it('shows nothing hidden', () => {
    for (const [, entity] of ENTITIES) {
      const { data } = world(entity);
      const texts = [data(), data()];
      for (const shown of texts) expect(shown).not.toMatch(/password|token|door|kept/);
    }
  });

  it('and the snapshots have JSON as it is written at each time, also where only the order of keys is another', () => {
    const { shape, image, object, related } = world(Plain);
    const before = { ...image, row: { ...image.row, tags: '{"a":1,"b":2}', name: 'old' } };
    const after = { ...image, row: { ...image.row, tags: '{"b":2,"a":1}', name: 'new' } };
    const states = { before, after, last: after };
    const difference = shape.difference(states);
    for (const _ of ['through an entity', 'without']) {
      const texts = shape.texts(states, difference, { object, related: related(), leaving: undefined });
      expect(texts.prechange).toContain('"tags":{"a":1,"b":2}');
      expect(texts.postchange).toContain('"tags":{"b":2,"a":1}');
      expect(texts.data).toContain('"tags":{"b":2,"a":1}');
    }
    expect(difference.changed).toEqual(['name']);
  });

  it('and the snapshots are told apart: what it refers to is whole in one, and its key in the others', () => {
    const { shape, image, object, related } = world(Whole);
    const after = { ...image, row: { ...image.row, name: 'new' } };
    const states = { before: image, after, last: after };
    for (const _ of ['through an entity', 'without']) {
      const surroundings = { object, related: related(), leaving: undefined };
      const { data, prechange, postchange } = shape.texts(states, shape.difference(states), surroundings);
      const [told, was, is] = [data, prechange, postchange].map((json) => JSON.parse(json ?? '') as object);
      expect(told).toMatchObject({ name: 'new', site: { name: 'example name' } });
      expect(was).toMatchObject({ name: 'example name', site: 1 });
      expect(is).toMatchObject({ name: 'new', site: 1 });
    }
  });

  it('makes an entity only of the first object where that tells all', () => {
    const { data, related } = world(Plain);
    const given = related();
    data(given);
    const before = made;
    const second = data(given);
    expect(made).toBe(before);
    expect(JSON.parse(second)).toMatchObject({ name: 'example name', site: { name: 'example name' } });
  });
});
