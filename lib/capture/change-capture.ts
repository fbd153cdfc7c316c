import { Logger } from '@nestjs/common';
import type { DataSource, EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import { OptionsInvalidError } from '../options/options-invalid.error.js';
import type { CaptureOptions } from '../options/webhooks-options.js';
import { NamedStatements } from '../postgres/named-statements.js';
import { startWithFirst } from '../postgres/with-start.js';
import { captureDialect } from './capture-dialect.js';
import { CaptureError } from './capture-error.js';
import type { CaptureTools } from './capture-tools.js';
import { ChangeStatements } from './change-statements.js';
import { DatabaseCascades } from './database-cascades.js';
import { requireExactKeys } from './exact-keys.js';
import { FittedRunners, type RunnerEvents } from './fitted-runners.js';
import { ImageReader } from './image-reader.js';
import { ImagingUpdates } from './imaging-updates.js';
import { InsertStatements } from './insert-statements.js';
import { Journals } from './journals.js';
import { KnownConstraints } from './known-constraints.js';
import { OwnTransactions, startTransaction } from './own-transactions.js';
import { PersistencePhases } from './persistence-phases.js';
import { PersistenceSubjects } from './persistence-subjects.js';
import { PreImages } from './pre-images.js';
import { RecordedWrites } from './recorded-writes.js';
import { RowLimit } from './row-limit.js';
import { checkTypeorm } from './self-check.js';
import { SingleWriterTurns } from './single-writer-turns.js';
import { intercept, isIntercepted, stopIntercepting } from './statement-interception.js';
import { TrackedSchema } from './tracked-schema.js';
import { TransactionCommit, type EventWriter } from './transaction-commit.js';
import { UncapturedWrites } from './uncaptured-writes.js';
import { Watch, type Listening } from './watch.js';
import { WriteInterceptor } from './write-interceptor.js';

/** What capture needs of the rest of the library. */
export interface ChangeCaptureParts {
  /** Says which models are listened to. */
  readonly registry: Listening;
  /** Stores events in the transaction that is given. */
  readonly writer: EventWriter;
  /** Told after a commit with events. */
  readonly signal: { notify(): void };
  readonly options: Required<CaptureOptions>;
  /** @defaultValue Nest's logger, named after this class */
  readonly logger?: Pick<Logger, 'debug' | 'warn' | 'error'>;
}

const TWICE =
  'it is imported twice for one data source: call forRoot() or forRootAsync() once; what it exports is global unless ' +
  'isGlobal is false, and other modules may import the same module';

/** Makes every change of a tracked entity, made through this data source, an event in the change's own transaction. */
export class ChangeCapture {
  private installed:
    | {
        readonly runners: FittedRunners;
        readonly recorded: RecordedWrites;
        readonly interceptor: WriteInterceptor;
        readonly constraints: KnownConstraints;
      }
    | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly parts: ChangeCaptureParts,
  ) {}

  /**
   * Begins to capture. The data source must be initialised.
   *
   * @throws WebhooksError `WEBHOOKS_TYPEORM_UNSUPPORTED` when TypeORM is not as capture needs it,
   * `WEBHOOKS_KEY_INEXACT` for a tracked entity whose key cannot be held exactly, `WEBHOOKS_OPTIONS_INVALID` when its
   * changes are captured already
   * @internal
   */
  install(): void {
    if (this.installed) return;
    if (isIntercepted(this.dataSource)) throw new OptionsInvalidError([TWICE]);
    checkTypeorm(this.dataSource);
    const tools = this.tools();
    requireExactKeys(this.dataSource, tools.schema.all());
    const start = tools.dialect.name === 'postgres' ? startWithFirst : startTransaction;
    const transactions = new OwnTransactions(start, tools.dialect.singleConnection);
    const rowLimit = new RowLimit(tools.options, tools.logger);
    const preImages = new PreImages(tools);
    const cascades = new DatabaseCascades(tools, preImages, rowLimit);
    const imaging = new ImagingUpdates(tools, preImages);
    const subjects = new PersistenceSubjects(tools, preImages, cascades, imaging);
    const phases = new PersistencePhases(tools, transactions, subjects);
    const uncaptured = new UncapturedWrites(tools);
    const changes = new ChangeStatements(tools, preImages, cascades, rowLimit, imaging);
    const inserts = new InsertStatements(tools, preImages, rowLimit);
    const commit = new TransactionCommit(tools, this.parts);
    const turns = tools.dialect.singleConnection ? new SingleWriterTurns() : undefined;
    const events = runnerEvents(tools.journals, commit, phases, uncaptured);
    const runners = new FittedRunners(this.dataSource, events, turns);
    runners.install();
    const parts = { changes, inserts, cascades, phases, transactions, uncaptured, turns };
    const interceptor = new WriteInterceptor(tools, parts);
    intercept(this.dataSource, interceptor);
    const recorded = new RecordedWrites(tools, { preImages, cascades, transactions, uncaptured });
    this.installed = { runners, recorded, interceptor, constraints: new KnownConstraints(tools) };
  }

  /**
   * Asks the database which constraints and triggers it really has, once it can be asked: foreign keys that no entity
   * declares are captured like those that are, the rest is logged.
   *
   * @throws WebhooksError `WEBHOOKS_WRITE_UNCAPTURED` when `uncaptured` is `'refuse'` and there is something to refuse
   * @internal
   */
  async learnConstraints(): Promise<void> {
    await this.installed?.constraints.learn();
  }

  /** Leaves TypeORM and the data source as they were. @internal */
  uninstall(): void {
    if (!this.installed) return;
    stopIntercepting(this.dataSource);
    this.installed.runners.uninstall();
    this.installed = undefined;
  }

  /**
   * Captures what raw SQL does to these objects: they are read before and after it.
   *
   * @param entity - a tracked entity
   * @param ids - primary keys, as `find` takes them, of all objects that `fn` creates, changes or deletes
   * @param fn - writes through the manager it is given, which is in a transaction
   * @param manager - joins the transaction of this manager if it is in one
   * @throws WebhooksError `WEBHOOKS_ENTITY_UNTRACKED`, or `WEBHOOKS_CAPTURE_FAILED` for an id that is none of the entity
   */
  record<Result>(
    entity: EntityTarget<ObjectLiteral>,
    ids: readonly (string | number | ObjectLiteral)[],
    fn: (manager: EntityManager) => Promise<Result>,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<Result> {
    if (!this.installed) {
      throw new CaptureError(
        'WEBHOOKS_CAPTURE_FAILED',
        'record() was called before webhooks began to capture changes.',
      );
    }
    const { interceptor, recorded } = this.installed;
    return interceptor.unit(() => recorded.record(entity, ids, { fn, manager }));
  }

  private tools(): CaptureTools {
    const logger = this.parts.logger ?? new Logger(ChangeCapture.name);
    const dialect = captureDialect(this.dataSource);
    const statements = new NamedStatements(
      dialect.name === 'postgres' && this.parts.options.preparedStatements,
      logger,
    );
    return {
      dataSource: this.dataSource,
      dialect,
      schema: new TrackedSchema(this.dataSource),
      reader: new ImageReader(this.dataSource, dialect, statements),
      journals: new Journals(),
      watch: new Watch(this.parts.registry, logger),
      statements,
      options: this.parts.options,
      logger,
    };
  }
}

function runnerEvents(
  journals: Journals,
  commit: TransactionCommit,
  phases: PersistencePhases,
  uncaptured: UncapturedWrites,
): RunnerEvents {
  return {
    beforeQuery: (runner, sql) => {
      const journal = journals.find(runner);
      journal?.sends();
      if (sql === 'COMMIT' || sql === 'ROLLBACK') journal?.close();
      if (!phases.writesTree(runner)) uncaptured.inspect(runner, sql);
    },
    beforeCommit: (runner) => commit.before(runner),
    released: (runner, depth) => commit.released(runner, depth),
    rolledBack: (runner, depth) => commit.rolledBack(runner, depth),
    committed: (runner) => commit.committed(runner),
    commitFailed: (runner, error) => commit.failed(runner, error),
    beforeRelease: (runner) => commit.beforeRelease(runner),
  };
}
