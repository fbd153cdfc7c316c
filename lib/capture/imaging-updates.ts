import type { QueryRunner } from 'typeorm';
import { CaptureError } from './capture-error.js';
import type { CaptureTools } from './capture-tools.js';
import { ImagingUpdate } from './imaging-update.js';
import type { PreImages } from './pre-images.js';
import type { TrackedTable } from './tracked-table.js';
import type { WriteQuery, WriteResult } from './typeorm-internals.js';
import { executeNotedAfter } from './unfinished-statement.js';

/** Captures UPDATEs that tell themselves what they change, so that nothing is read before or after them. */
export class ImagingUpdates {
  constructor(
    private readonly tools: CaptureTools,
    private readonly preImages: PreImages,
  ) {}

  /** Whether UPDATEs of a table can tell what they change. Trees are left out, of which TypeORM writes raw SQL beside. */
  suitTable({ computed, root }: TrackedTable): boolean {
    const { dialect, options } = this.tools;
    // With the other options a statement of too many rows must be run after all.
    const refuses = options.overMaxRows === 'refuse';
    return dialect.returnsImages && refuses && computed !== undefined && root.treeType === undefined;
  }

  /** Whether a statement can tell what it changes, if it changes nothing but rows of this table that keep their keys. */
  suit({ expressionMap }: WriteQuery, table: TrackedTable): boolean {
    // TypeORM takes what comes back in the order of the entities, of which then only the database knows.
    const isOrdered = expressionMap.whereEntities.length <= 1;
    return expressionMap.queryType === 'update' && isOrdered && this.suitTable(table);
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
    const { dialect, options, journals } = this.tools;
    const journal = journals.of(runner);
    const sent = journal.statements;
    const update = new ImagingUpdate(query, table, {
      dialect,
      maxRows: options.maxRows,
      single: query.expressionMap.whereEntities.length === 1,
      // The first change of a transaction is often its only one. With others, all relations are read at its end.
      related: journal.isEmpty,
    });
    const { result, rows } = await update.execute(() => executeNotedAfter(journal, query, execute));
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
    // More than one statement: a listener has written too, or another part of the application on this runner.
    if (table.manyToMany.length === 0 && journal.statements === sent + 1) {
      journal.noteFinals(
        new Map(rows.pairs.map(({ after }) => [table.keyText(table.keyOf(after.row)), after])),
      );
    }
    return { result, count: rows.pairs.length };
  }
}

function moved({ root }: TrackedTable): CaptureError {
  return new CaptureError(
    'WEBHOOKS_CAPTURE_FAILED',
    `An UPDATE of ${root.name} missed a row to which another transaction gave another key in the same instant. Run ` +
      'the transaction again.',
  );
}
