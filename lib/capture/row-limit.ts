import type { Logger } from '@nestjs/common';
import type { EntityMetadata } from 'typeorm';
import type { CaptureOptions } from '../options/webhooks-options.js';
import { CaptureError } from './capture-error.js';
import type { Row } from './tracked-table.js';

/** Keeps one set-based statement from locking and holding more rows than `maxRows`. */
export class RowLimit {
  constructor(
    private readonly options: Required<CaptureOptions>,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {}

  /**
   * Reads rows unless there are too many; `undefined` then, when the options let the statement pass.
   *
   * @throws WebhooksError `WEBHOOKS_CAPTURE_TOO_MANY_ROWS`
   */
  async rows(metadata: EntityMetadata, read: (limit: number) => Promise<Row[]>): Promise<Row[] | undefined> {
    const rows = await read(this.options.maxRows + 1);
    if (rows.length <= this.options.maxRows) return rows;
    this.tooMany(metadata);
    return undefined;
  }

  /** Judges a statement whose rows are only known when it has run. */
  check(metadata: EntityMetadata, count: number): void {
    if (count > this.options.maxRows) this.tooMany(metadata);
  }

  private tooMany({ name }: EntityMetadata): void {
    const { maxRows, overMaxRows } = this.options;
    const what = `A statement changes more than ${maxRows} rows of ${name}`;
    if (overMaxRows === 'refuse') {
      throw new CaptureError(
        'WEBHOOKS_CAPTURE_TOO_MANY_ROWS',
        `${what}, and capturing them all would hold too many in memory and locked. Change fewer at a time, raise ` +
          "`capture.maxRows`, or set `capture.overMaxRows` to 'keys' (events without data) or 'warn' (no events).",
      );
    }
    if (overMaxRows === 'warn') {
      this.logger.warn(`${what}: it passes without events, as \`capture.overMaxRows\` is 'warn'.`);
    }
  }
}
