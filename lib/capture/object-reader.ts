import { QueryFailedError, type DataSource, type EntityMetadata, type ObjectLiteral } from 'typeorm';
import { toJsonText } from '../common/json-text.js';
import { captureDialect } from './capture-dialect.js';
import { entityFromImage } from './entity-from-image.js';
import { eventData } from './event-data.js';
import { ImageReader } from './image-reader.js';
import type { Image } from './image.js';
import { settleLazyRelations } from './lazy-relations.js';
import { relationTree } from './relation-tree.js';
import { sampleEntity, sampleImage } from './sample-object.js';
import { SnapshotShape } from './snapshot-shape.js';
import type { Key, TrackedTable } from './tracked-table.js';
import { TrackedSchema } from './tracked-schema.js';

/** An object as an event would show it. Texts are JSON. */
export interface ReadObject {
  readonly objectId: string;
  readonly data: string;
  readonly snapshot: string;
}

interface Place {
  readonly table: TrackedTable;
  readonly kind: EntityMetadata;
}

/** Shows objects as their events would, without a change: for previews. Locks nothing. */
export class ObjectReader {
  private readonly schema: TrackedSchema;
  private readonly reader: ImageReader;

  constructor(private readonly dataSource: DataSource) {
    this.schema = new TrackedSchema(dataSource);
    const lock = { change: '', delete: '', reread: '', show: '' };
    this.reader = new ImageReader(dataSource, { ...captureDialect(dataSource), lock, junctionLock: '' });
  }

  /** An object of a model, the one with the highest key if no id is given; `undefined` if there is none. */
  async read(model: string, objectId?: string): Promise<ReadObject | undefined> {
    const place = this.place(model);
    if (place === undefined) return undefined;
    const key = objectId === undefined ? await this.latestKey(place) : this.parseKey(place.table, objectId);
    if (key === undefined) return undefined;
    const runner = this.dataSource.createQueryRunner();
    try {
      const { table, kind } = place;
      const keyText = table.keyText(key);
      const image = (await this.reader.images(runner, table, [key])).get(keyText);
      if (image === undefined || table.kindOf(image.row) !== kind) return undefined;
      const entity = (await this.load(place, key)) ?? entityFromImage(this.dataSource, kind, image);
      return this.shown(place, key, { image, entity });
    } catch (error) {
      // A text that cannot be a key of this table names no object.
      if (error instanceof QueryFailedError) return undefined;
      throw error;
    } finally {
      await runner.release();
    }
  }

  /** An object of a model made up from its columns. @throws TypeError for a model that is not tracked */
  sample(model: string): ReadObject {
    const place = this.place(model);
    if (place === undefined) throw new TypeError(`The model "${model}" is not tracked.`);
    const { table, kind } = place;
    const image = sampleImage(this.dataSource, kind);
    const key = table.keyOf(image.row);
    try {
      const entity = sampleEntity(this.dataSource, kind, table.entityOf(kind).relations);
      return this.shown(place, key, { image, entity });
    } catch {
      // A serialize() that expects more than made-up values: the plain columns are still worth showing.
      const values = new SnapshotShape(this.dataSource, kind).values(image);
      const snapshot = toJsonText(values);
      for (const { isSelect, propertyPath } of kind.columns) if (!isSelect) delete values[propertyPath];
      return { objectId: table.objectId(key), data: toJsonText(values), snapshot };
    }
  }

  /** The entity with its declared relations, as the application would load it. */
  private async load({ table, kind }: Place, key: Key): Promise<ObjectLiteral | null> {
    const where: ObjectLiteral = {};
    const values = table.hydratedKey(key);
    table.keyColumns.forEach((column, index) => column.setEntityValue(where, values[index]));
    const relations = relationTree(table.entityOf(kind).relations);
    const entity = await this.dataSource
      .getRepository<ObjectLiteral>(kind.target)
      .findOne({ where, relations, withDeleted: true });
    if (entity !== null) settleLazyRelations(kind, entity);
    return entity;
  }

  private shown(
    { table, kind }: Place,
    key: Key,
    { image, entity }: { image: Image; entity: object },
  ): ReadObject {
    const snapshot = this.snapshot(kind, image);
    return { objectId: table.objectId(key), data: eventData(entity, kind, { table, key }), snapshot };
  }

  private snapshot(kind: EntityMetadata, image: Image): string {
    return new SnapshotShape(this.dataSource, kind).text(image);
  }

  private place(model: string): Place | undefined {
    for (const table of this.schema.all()) {
      const kind = this.dataSource.entityMetadatas.find(
        (metadata) =>
          this.schema.table(metadata) === table &&
          (table.entityOf(metadata) as { model: string } | undefined)?.model === model,
      );
      if (kind !== undefined) return { table, kind };
    }
    return undefined;
  }

  private async latestKey({ table, kind }: Place): Promise<Key | undefined> {
    const query = this.dataSource.createQueryBuilder<ObjectLiteral>(kind.target, 'object').limit(1);
    for (const { propertyPath } of kind.primaryColumns) query.addOrderBy(`object.${propertyPath}`, 'DESC');
    return table.keyOfEntity((await query.getOne()) ?? undefined);
  }

  private parseKey(table: TrackedTable, objectId: string): Key | undefined {
    let values: unknown = [objectId];
    try {
      if (table.keyColumns.length > 1) values = JSON.parse(objectId);
    } catch {
      return undefined;
    }
    if (!Array.isArray(values) || values.length !== table.keyColumns.length) return undefined;
    return table.keyColumns.map(
      (column, index) => this.dataSource.driver.preparePersistentValue(values[index], column) as unknown,
    );
  }
}
