import type { QueryRunner } from 'typeorm';
import { CaptureError } from './capture-error.js';
import type { CaptureTools } from './capture-tools.js';
import type { ImagingShape } from './imaging-shape.js';
import { ImagingUpdate } from './imaging-update.js';
import { OldAndNewShape } from './old-and-new-shape.js';
import type { PreImages } from './pre-images.js';
import { SelfJoinedShape } from './self-joined-shape.js';
import type { TrackedTable } from './tracked-table.js';
import type { WriteQuery, WriteResult } from './typeorm-internals.js';
import { executeNotedAfter } from './unfinished-statement.js';

/** Captures UPDATEs that tell themselves what they change, so that nothing is read before or after them. */
export class ImagingUpdates {
  private readonly shapes = new Map<TrackedTable, Record<'plain' | 'related', ImagingShape>>();

  constructor(
    private readonly tools: CaptureTools,
    private readonly preImages: PreImages,
  ) {}

  /** Whether UPDATEs of a table can tell what they change. */
  suitTable({ tellsRows }: TrackedTable): boolean {
    // With the other options a statement of too many rows must be run after all.
    return tellsRows && this.tools.options.overMaxRows === 'refuse';
  }

  /** Whether a statement can tell what it changes, if it changes nothing but rows of this table that keep their keys. */
  suit(query: WriteQuery, table: TrackedTable): boolean {
    const { queryType, whereEntities } = query.expressionMap;
    // TypeORM takes what comes back in the order of the entities, of which then only the database knows.
    const isOrdered = whereEntities.length <= 1;
    if (queryType !== 'update' || !isOrdered || !this.suitTable(table)) return false;
    // It may get a WITH around it, within which there must not be another one that writes.
    return query.createCteExpression() === '';
  }

  /**
   * Executes the statement and notes what it has changed.
   *
   * @returns the result, and how many rows it has changed; none when nothing matched, or too many rows did
   */
  async execute(
    runner: QueryRunner,
    query: WriteQuery,
    table: TrackedTable,
    execute: () => Promise<WriteResult>,
  ): Promise<{ result: WriteResult; count: number }> {
    const journal = this.tools.journals.of(runner);
    const sent = journal.statements;
    const { plain, related } = this.shapesOf(table);
    // The first change of a transaction is often its only one. Of several, what they refer to is read once at the end.
    const shapes = { plain, related: journal.isEmpty ? related : plain };
    const { maxRows } = this.tools.options;
    const update = new ImagingUpdate(query, table, shapes, maxRows);
    const { result, rows } = await this.tools.statements.during(runner, (tell) => {
      // How rows are best found by other columns than the key depends on the values.
      const written = (sql: string) => (update.changesOne ? tell(sql) : undefined);
      return update.execute(() => executeNotedAfter(journal, query, execute, written));
    });
    if (rows.incomplete) {
      const error = moved(table);
      journal.fail(error);
      throw error;
    }
    this.preImages.touchRows(
      runner,
      table,
      rows.pairs.map(({ before }) => before.row),
    );
    journal.noteFinals(
      table,
      rows.pairs.map(({ after }) => after),
      sent,
    );
    return { result, count: rows.pairs.length };
  }

  private shapesOf(table: TrackedTable) {
    let shapes = this.shapes.get(table);
    if (shapes === undefined) {
      const { dataSource, dialect } = this.tools;
      const Shape = dialect.returnsImages === 'old-and-new' ? OldAndNewShape : SelfJoinedShape;
      const plain = new Shape(dataSource, table, { dialect, related: false });
      const related =
        table.plainReferences.length === 0 ? plain : new Shape(dataSource, table, { dialect, related: true });
      this.shapes.set(table, (shapes = { plain, related }));
    }
    return shapes;
  }
}

function moved({ root }: TrackedTable): CaptureError {
  return new CaptureError(
    'WEBHOOKS_CAPTURE_FAILED',
    `An UPDATE of ${root.name} missed a row to which another transaction gave another key in the same instant. Run ` +
      'the transaction again.',
  );
}
