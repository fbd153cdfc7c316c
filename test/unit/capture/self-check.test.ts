import { DataSource, EntityManager, InsertQueryBuilder, QueryBuilder, UpdateQueryBuilder } from 'typeorm';
import { EntityPersistExecutor } from 'typeorm/persistence/EntityPersistExecutor.js';
import { Subject } from 'typeorm/persistence/Subject.js';
import { SubjectExecutor } from 'typeorm/persistence/SubjectExecutor.js';
import { QueryExpressionMap } from 'typeorm/query-builder/QueryExpressionMap.js';
import { SoftDeleteQueryBuilder } from 'typeorm/query-builder/SoftDeleteQueryBuilder.js';
import { afterAll, describe, expect, it } from 'vitest';
import { checkTypeorm } from '../../../lib/capture/self-check.js';
import { WRITE_BUILDERS } from '../../../lib/capture/statement-interception.js';
import { reliances } from '../../../lib/capture/typeorm-reliances.js';
import { WebhookEvent } from '../../../lib/model/webhook-event.entity.js';

const dataSource = await new DataSource({ type: 'sqljs', entities: [WebhookEvent] }).initialize();
const runner = dataSource.createQueryRunner();

/** Where TypeORM keeps what is named in the message: on a prototype, or on an object of which there is one. */
const HOLDERS: Readonly<Record<string, object>> = {
  ...Object.fromEntries(WRITE_BUILDERS.map(({ name, prototype }) => [name, prototype as object])),
  QueryBuilder: QueryBuilder.prototype,
  InsertQueryBuilder: InsertQueryBuilder.prototype,
  UpdateQueryBuilder: UpdateQueryBuilder.prototype,
  SoftDeleteQueryBuilder: SoftDeleteQueryBuilder.prototype,
  QueryExpressionMap: QueryExpressionMap.prototype,
  EntityManager: EntityManager.prototype,
  EntityPersistExecutor: EntityPersistExecutor.prototype,
  SubjectExecutor: SubjectExecutor.prototype,
  Subject: Subject.prototype,
  DataSource: DataSource.prototype,
  Driver: Object.getPrototypeOf(dataSource.driver) as object,
  // There is one for all with this driver.
  QueryRunner: runner,
  Broadcaster: Object.getPrototypeOf((runner as unknown as { broadcaster: object }).broadcaster) as object,
};

describe('the self-check', () => {
  afterAll(() => dataSource.destroy());

  it('finds everything in this TypeORM', () => {
    expect(() => checkTypeorm(dataSource)).not.toThrow();
  });

  it.each(reliances(dataSource).map(([name]) => name))('misses %s', (name) => {
    const [owner = '', member = ''] = name.split('.');
    const holder = HOLDERS[owner] as object;
    // The manager is made once, with the data source.
    const made = owner === 'EntityManager' && member === 'dataSource' ? dataSource.manager : holder;
    const restore = remove(made, member);
    try {
      expect(() => checkTypeorm(dataSource)).toThrow(
        expect.objectContaining({
          code: 'WEBHOOKS_TYPEORM_UNSUPPORTED',
          message: expect.stringMatching(`lacks .*\\b${name}\\b`) as string,
        }) as Error,
      );
    } finally {
      restore();
    }
    expect(() => checkTypeorm(dataSource)).not.toThrow();
  });
});

/** Takes a member away, also one that a constructor would set. Gives what brings it back. */
function remove(holder: object, member: string): () => void {
  const original = Object.getOwnPropertyDescriptor(holder, member);
  if (original !== undefined) Reflect.deleteProperty(holder, member);
  Object.defineProperty(holder, member, { configurable: true, get: () => undefined, set: () => {} });
  return () => {
    Reflect.deleteProperty(holder, member);
    if (original !== undefined) Object.defineProperty(holder, member, original);
  };
}
