import {
  DeleteQueryBuilder,
  EntityManager,
  InsertQueryBuilder,
  UpdateQueryBuilder,
  type DataSource,
} from 'typeorm';
import { EntityPersistExecutor } from 'typeorm/persistence/EntityPersistExecutor.js';
import { SubjectExecutor } from 'typeorm/persistence/SubjectExecutor.js';
import { SoftDeleteQueryBuilder } from 'typeorm/query-builder/SoftDeleteQueryBuilder.js';
import type { PersistenceExecutor, WriteQuery, WriteResult } from './typeorm-internals.js';

/** Takes part in the writes of one data source. */
export interface Interceptor {
  statement(query: WriteQuery, execute: () => Promise<WriteResult>): Promise<WriteResult>;
  persistence(executor: PersistenceExecutor, execute: () => Promise<void>): Promise<void>;
  phase(executor: PersistenceExecutor, execute: () => Promise<void>): Promise<void>;
  /** `transaction()`, `save()`, `remove()`: what may open a transaction and ends it itself. */
  unit(execute: () => Promise<unknown>): Promise<unknown>;
}

/** Every write of TypeORM goes through one of these, `save()` and the relation query builder included. */
export const WRITE_BUILDERS = [
  InsertQueryBuilder,
  UpdateQueryBuilder,
  DeleteQueryBuilder,
  SoftDeleteQueryBuilder,
];

/** The steps of TypeORM's executor of `save()` and `remove()`, in their order. */
export const PERSISTENCE_PHASES = [
  'executeInsertOperations',
  'executeUpdateOperations',
  'executeRemoveOperations',
  'executeSoftRemoveOperations',
  'executeRecoverOperations',
] as const;

type Method = (this: unknown, ...values: unknown[]) => Promise<unknown>;
type Methods = Record<string, Method>;

const interceptors = new WeakMap<DataSource, Interceptor>();
const originals: { holder: Methods; name: string; method: Method }[] = [];
let installed = 0;

/** Begins to intercept the writes of a data source. TypeORM itself is changed once a process. */
export function intercept(dataSource: DataSource, interceptor: Interceptor): void {
  interceptors.set(dataSource, interceptor);
  installed += 1;
  if (installed > 1) return;
  for (const builder of WRITE_BUILDERS) replaceExecute(builder.prototype as unknown as Methods);
  replacePersistence(SubjectExecutor.prototype as unknown as Methods);
  replaceUnit(EntityManager.prototype as unknown as Methods, 'transaction');
  replaceUnit(EntityPersistExecutor.prototype as unknown as Methods, 'execute');
}

/** Whether the writes of a data source are intercepted. */
export function isIntercepted(dataSource: DataSource): boolean {
  return interceptors.has(dataSource);
}

/** Leaves a data source alone again; the last one leaves TypeORM as it was. */
export function stopIntercepting(dataSource: DataSource): void {
  if (!interceptors.delete(dataSource)) return;
  installed -= 1;
  if (installed > 0) return;
  for (const { holder, name, method } of originals.splice(0)) holder[name] = method;
}

function replaceExecute(holder: Methods): void {
  replace(
    holder,
    'execute',
    (execute) =>
      function intercepted(this: unknown) {
        const query = this as WriteQuery;
        const run = () => execute.call(query) as Promise<WriteResult>;
        const interceptor = interceptors.get(query.dataSource);
        return interceptor === undefined ? run() : interceptor.statement(query, run);
      },
  );
}

function replacePersistence(holder: Methods): void {
  for (const name of ['execute', ...PERSISTENCE_PHASES]) {
    replace(
      holder,
      name,
      (method) =>
        function intercepted(this: unknown) {
          const executor = this as PersistenceExecutor;
          const run = () => method.call(executor) as Promise<void>;
          const interceptor = interceptors.get(executor.queryRunner.dataSource);
          if (interceptor === undefined) return run();
          return name === 'execute'
            ? interceptor.persistence(executor, run)
            : interceptor.phase(executor, run);
        },
    );
  }
}

function replaceUnit(holder: Methods, name: string): void {
  replace(
    holder,
    name,
    (method) =>
      function intercepted(this: unknown, ...values: unknown[]) {
        const run = () => method.apply(this, values);
        const interceptor = interceptors.get((this as { readonly dataSource: DataSource }).dataSource);
        return interceptor === undefined ? run() : interceptor.unit(run);
      },
  );
}

function replace(holder: Methods, name: string, wrap: (method: Method) => Method): void {
  const method = holder[name] as Method;
  originals.push({ holder, name, method });
  holder[name] = wrap(method);
}
