import {
  EntityManager,
  InsertQueryBuilder,
  QueryBuilder,
  UpdateQueryBuilder,
  type DataSource,
  type ObjectLiteral,
} from 'typeorm';
import { EntityPersistExecutor } from 'typeorm/persistence/EntityPersistExecutor.js';
import { Subject } from 'typeorm/persistence/Subject.js';
import { SubjectExecutor } from 'typeorm/persistence/SubjectExecutor.js';
import { SoftDeleteQueryBuilder } from 'typeorm/query-builder/SoftDeleteQueryBuilder.js';
import { PERSISTENCE_PHASES, WRITE_BUILDERS } from './statement-interception.js';
import {
  writtenEntity,
  type PersistenceExecutor,
  type RunnerInternals,
  type WriteExpression,
  type WriteQuery,
} from './typeorm-internals.js';

/** Something that is relied on: its name, and whether it is there. What throws is not. */
export type Reliance = readonly [name: string, holds: () => boolean];

/** What capture relies on in TypeORM, of objects as they are made for this data source. */
export function reliances(dataSource: DataSource): Reliance[] {
  return [
    ...builders(dataSource),
    ...expressions(dataSource),
    ...executors(dataSource),
    ...methods('DataSource', () => dataSource, ['createQueryRunner']),
    ...methods('Driver', () => dataSource.driver, [
      'escape',
      'createParameter',
      'preparePersistentValue',
      'prepareHydratedValue',
      'isReturningSqlSupported',
      'normalizeType',
    ]),
    ...runners(dataSource),
  ];
}

function builders(dataSource: DataSource): Reliance[] {
  const made = (runner = dataSource.createQueryRunner()) => ({
    query: dataSource.createQueryBuilder(runner).update('probe') as unknown as WriteQuery,
    runner,
  });
  return [
    ...WRITE_BUILDERS.map(({ name, prototype }): Reliance => {
      // Each its own: an inherited one would be replaced for all of them.
      const holds = () => Object.hasOwn(prototype, 'execute') && typeof prototype.execute === 'function';
      return [`${name}.execute`, holds];
    }),
    ...methods('QueryBuilder', () => QueryBuilder.prototype, [
      'clone',
      'obtainQueryRunner',
      'getQueryAndParameters',
      'getTableName',
      'getMainTableName',
      'createComment',
      'createCteExpression',
      'createWhereExpression',
      'createReturningExpression',
      'replacePropertyNamesForTheWholeQuery',
      'setParameter',
    ]),
    ...methods('InsertQueryBuilder', () => InsertQueryBuilder.prototype, ['getValueSets']),
    ...methods('UpdateQueryBuilder', () => UpdateQueryBuilder.prototype, ['getQuery', ...ENDS]),
    ...methods('SoftDeleteQueryBuilder', () => SoftDeleteQueryBuilder.prototype, ENDS),
    ['QueryBuilder.dataSource', () => made().query.dataSource === dataSource],
    [
      'QueryBuilder.queryRunner',
      () => {
        const { query, runner } = made();
        return query.queryRunner === runner;
      },
    ],
  ];
}

/** What an UPDATE of MySQL may end with. */
const ENDS = ['createOrderByExpression', 'createLimitExpression'];

function expressions(dataSource: DataSource): Reliance[] {
  const start = () => dataSource.createQueryBuilder();
  const insert = () => expression(start().insert().into('probe', ['a']).values({ a: 1 }));
  const update = () => start().update('probe').set({ a: 1 });
  const types = () => [
    insert(),
    ...[update(), start().delete(), start().softDelete(), start().restore()].map(expression),
  ];
  return [
    field('queryType', () => {
      const found = types().map(({ queryType }) => queryType);
      return found.join() === 'insert,update,delete,soft-delete,restore';
    }),
    field('mainAlias', () => {
      const [metadata] = dataSource.entityMetadatas;
      if (metadata === undefined) return insert().mainAlias?.hasMetadata === false;
      return writtenEntity(start().update(metadata.target) as unknown as WriteQuery) === metadata;
    }),
    field('valuesSet', () =>
      [insert(), expression(update())].every(({ valuesSet }) => (valuesSet as ObjectLiteral)['a'] === 1),
    ),
    field('insertColumns', () => insert().insertColumns[0] === 'a'),
    field('insertFromSelect', () => {
      const query = start().insert().into('probe');
      // Where no INSERT takes its rows from a SELECT, there is none to be seen.
      if (!('valuesFromSelect' in query)) return true;
      const select = start().select('1').from('probe', 'p');
      return expression(query.valuesFromSelect(select)).insertFromSelect !== undefined;
    }),
    field('onIgnore', () => expression(start().insert().into('probe').orIgnore()).onIgnore),
    field('onUpdate', () => {
      const { onUpdate } = expression(start().insert().into('probe').orUpdate(['a'], ['b']));
      return onUpdate?.overwrite?.[0] === 'a' && onUpdate.conflict?.[0] === 'b';
    }),
    field('wheres', () => expression(update().where('a = 1')).wheres[0]?.type === 'simple'),
    field('whereEntities', () => Array.isArray(expression(update()).whereEntities)),
    field('callListeners', () => insert().callListeners),
    field('updateEntity', () => insert().updateEntity),
    field('locallyGenerated', () => typeof insert().locallyGenerated === 'object'),
  ];
}

function expression(query: unknown): WriteExpression {
  return (query as WriteQuery).expressionMap;
}

function field(name: keyof WriteExpression, holds: () => boolean): Reliance {
  return [`QueryExpressionMap.${name}`, holds];
}

function executors(dataSource: DataSource): Reliance[] {
  const metadata = dataSource.entityMetadatas[0] as never;
  const subject = () => new Subject({ metadata, identifier: { id: 1 } });
  const executor = (runner = dataSource.createQueryRunner(), subjects: Subject[] = []) => ({
    made: new SubjectExecutor(runner, subjects) as unknown as PersistenceExecutor,
    runner,
    subjects,
  });
  const isOwn = (holder: object) => (holder as { readonly dataSource?: unknown }).dataSource === dataSource;
  return [
    ...methods('EntityManager', () => EntityManager.prototype, ['transaction']),
    ['EntityManager.dataSource', () => isOwn(dataSource.manager)],
    ...methods('EntityPersistExecutor', () => EntityPersistExecutor.prototype, ['execute']),
    [
      'EntityPersistExecutor.dataSource',
      () => isOwn(new EntityPersistExecutor(dataSource, undefined, 'save', undefined, {})),
    ],
    ...methods('SubjectExecutor', () => SubjectExecutor.prototype, ['execute', ...PERSISTENCE_PHASES]),
    [
      'SubjectExecutor.queryRunner',
      () => {
        const { made, runner } = executor();
        return made.queryRunner === runner;
      },
    ],
    [
      'SubjectExecutor.allSubjects',
      () => {
        const { made, subjects } = executor();
        return made.allSubjects === (subjects as unknown);
      },
    ],
    ['Subject.metadata', () => 'metadata' in subject() && subject().metadata === metadata],
    ['Subject.identifier', () => subject().identifier?.['id'] === 1],
    ['Subject.changeMaps', () => Array.isArray(subject().changeMaps)],
    ...MARKS.map((mark): Reliance => [`Subject.${mark}`, () => typeof subject()[mark] === 'boolean']),
  ];
}

const MARKS = [
  'mustBeInserted',
  'mustBeUpdated',
  'mustBeRemoved',
  'mustBeSoftRemoved',
  'mustBeRecovered',
] as const;

function runners(dataSource: DataSource): Reliance[] {
  const runner = () => dataSource.createQueryRunner();
  const internals = () => runner() as unknown as RunnerInternals;
  return [
    ['QueryRunner.dataSource', () => runner().dataSource === dataSource],
    ['QueryRunner.transactionDepth', () => typeof internals().transactionDepth === 'number'],
    ['QueryRunner.isTransactionActive', () => typeof runner().isTransactionActive === 'boolean'],
    ...methods('Broadcaster', () => internals().broadcaster, ['broadcast', 'broadcastBeforeQueryEvent']),
  ];
}

function methods(owner: string, holder: () => unknown, names: readonly string[]): Reliance[] {
  return names.map((name) => [
    `${owner}.${name}`,
    () => typeof (holder() as Readonly<Record<string, unknown>>)[name] === 'function',
  ]);
}
