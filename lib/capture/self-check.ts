import { DataSource, EntityManager, QueryBuilder } from 'typeorm';
import { EntityPersistExecutor } from 'typeorm/persistence/EntityPersistExecutor.js';
import { SubjectExecutor } from 'typeorm/persistence/SubjectExecutor.js';
import { CaptureError } from './capture-error.js';
import { PERSISTENCE_PHASES, WRITE_BUILDERS } from './statement-interception.js';

/** Members that a query builder must have besides `execute`. */
const BUILDER_MEMBERS = [
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
];

/**
 * Asserts everything in TypeORM that capture relies on and that its types do not promise.
 *
 * @throws WebhooksError `WEBHOOKS_TYPEORM_UNSUPPORTED`
 */
export function checkTypeorm(dataSource: DataSource): void {
  if (!(dataSource instanceof DataSource)) {
    throw unsupported(
      "the data source belongs to another copy of TypeORM than this library's, and changes made through it would " +
        'not be seen. Keep one copy: see `npm ls typeorm`',
    );
  }
  const missing = [...missingMembers(dataSource)];
  if (missing.length > 0) {
    throw unsupported(
      `this version of it lacks ${missing.join(', ')}, on which capturing changes rests. Use a version that ` +
        "this library's peer dependencies name",
    );
  }
}

function* missingMembers(dataSource: DataSource): Generator<string> {
  for (const builder of WRITE_BUILDERS) {
    if (!Object.hasOwn(builder.prototype, 'execute')) yield `${builder.name}.execute`;
  }
  yield* absent(QueryBuilder.name, QueryBuilder.prototype, BUILDER_MEMBERS);
  yield* absent(WRITE_BUILDERS[0]?.name ?? '', WRITE_BUILDERS[0]?.prototype, ['getValueSets']);
  yield* absent(SubjectExecutor.name, SubjectExecutor.prototype, ['execute', ...PERSISTENCE_PHASES]);
  yield* absent('EntityPersistExecutor', EntityPersistExecutor.prototype, ['execute']);
  yield* absent('EntityManager', EntityManager.prototype, ['transaction']);
  yield* absent('DataSource', dataSource, ['createQueryRunner']);
  yield* absent('Driver', dataSource.driver, [
    'escape',
    'createParameter',
    'preparePersistentValue',
    'prepareHydratedValue',
    'isReturningSqlSupported',
  ]);
  const query = dataSource.createQueryBuilder().insert();
  for (const member of [
    'queryType',
    'wheres',
    'whereEntities',
    'callListeners',
    'locallyGenerated',
    'onIgnore',
  ]) {
    if (!(member in query.expressionMap)) yield `QueryExpressionMap.${member}`;
  }
  const runner = dataSource.createQueryRunner();
  for (const member of ['transactionDepth', 'isTransactionActive']) {
    if (!(member in runner)) yield `QueryRunner.${member}`;
  }
  yield* absent('Broadcaster', runner.broadcaster, ['broadcast', 'broadcastBeforeQueryEvent']);
}

function* absent(owner: string, holder: unknown, names: readonly string[]): Generator<string> {
  for (const name of names) {
    if (typeof (holder as Record<string, unknown> | undefined)?.[name] !== 'function')
      yield `${owner}.${name}`;
  }
}

function unsupported(why: string): CaptureError {
  return new CaptureError('WEBHOOKS_TYPEORM_UNSUPPORTED', `Webhooks cannot work with this TypeORM: ${why}.`);
}
