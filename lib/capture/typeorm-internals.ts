import type { DataSource, EntityMetadata, EntityTarget, ObjectLiteral, QueryRunner } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';

/** What an alias of a query stands for. */
export interface QueryAlias {
  readonly hasMetadata: boolean;
  readonly metadata: EntityMetadata;
}

/** The part of TypeORM's expression map that capture reads and, for the rows to change, narrows. */
export interface WriteExpression {
  readonly queryType: string;
  readonly mainAlias?: QueryAlias;
  readonly callListeners: boolean;
  readonly updateEntity: boolean;
  readonly whereEntities: readonly ObjectLiteral[];
  readonly onIgnore: boolean;
  readonly onUpdate?: {
    readonly conflict?: string | readonly string[];
    readonly overwrite?: readonly string[];
  };
  readonly insertFromSelect?: object;
  readonly insertColumns: readonly string[];
  readonly locallyGenerated: Readonly<Record<number, ObjectLiteral>>;
  readonly valuesSet?: ObjectLiteral | readonly ObjectLiteral[];
  wheres: { type: 'simple'; condition: string }[];
}

/** TypeORM's query builders of writes, with the protected members that capture relies on. */
export interface WriteQuery {
  readonly dataSource: DataSource;
  readonly expressionMap: WriteExpression;
  queryRunner: QueryRunner | undefined;
  execute(): Promise<WriteResult>;
  clone(): WriteQuery;
  getQuery(): string;
  getQueryAndParameters(): [sql: string, parameters: unknown[]];
  getTableName(path: string): string;
  getMainTableName(): string;
  getValueSets(): ObjectLiteral[];
  createComment(): string;
  createCteExpression(): string;
  createWhereExpression(): string;
  createOrderByExpression?(): string;
  createLimitExpression?(): string;
  createReturningExpression(type: string): string;
  replacePropertyNamesForTheWholeQuery(sql: string): string;
  setParameter(name: string, value: unknown): unknown;
}

/** What executing a write gives. */
export interface WriteResult {
  raw: unknown;
  /** Rows that were changed, where the database counts them. */
  readonly affected?: number | null;
  readonly generatedMaps?: ObjectLiteral[];
  readonly identifiers?: (ObjectLiteral | undefined)[];
}

/** One object of a `save()` or `remove()`, as TypeORM's executor holds it. */
export interface Subject {
  readonly metadata: EntityMetadata;
  readonly identifier: ObjectLiteral | undefined;
  readonly mustBeInserted: boolean;
  readonly mustBeUpdated: boolean;
  readonly mustBeRemoved: boolean;
  readonly mustBeSoftRemoved: boolean;
  readonly mustBeRecovered: boolean;
  /** What an UPDATE will set. */
  readonly changeMaps: readonly {
    readonly column?: ColumnMetadata;
    readonly relation?: { readonly joinColumns: readonly ColumnMetadata[] };
  }[];
}

/** TypeORM's executor of a `save()` or `remove()`. */
export interface PersistenceExecutor {
  readonly queryRunner: QueryRunner;
  readonly allSubjects: readonly Subject[];
}

/** The members of a query runner that its interface hides. */
export interface RunnerInternals {
  readonly transactionDepth: number;
  readonly broadcaster: {
    broadcast(event: string, ...values: unknown[]): Promise<void>;
    broadcastBeforeQueryEvent(result: unknown, sql: string, parameters: unknown): void;
  };
}

/** How many transactions are open on a runner, counting savepoints. */
export function transactionDepth(runner: QueryRunner): number {
  return (runner as unknown as RunnerInternals).transactionDepth;
}

/** The metadata of the table a query writes to, if TypeORM knows it. */
export function writtenEntity(query: WriteQuery): EntityMetadata | undefined {
  const alias = query.expressionMap.mainAlias;
  return alias?.hasMetadata === true ? alias.metadata : undefined;
}

/** An entity as its users name it: its class, or the name of its schema. */
export type EntityName = EntityTarget<ObjectLiteral>;
