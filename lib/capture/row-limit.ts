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

  /** Reads rows; `undefined` when there are too many to be held. */
  async rows(read: (limit: number) => Promise<Row[]>): Promise<Row[] | undefined> {
    const rows = await read(this.options.maxRows + 1);
    return this.allows(rows.length) ? rows : undefined;
  }

  /** Whether so many rows may be held. */
  allows(count: number): boolean {
    return count <= this.options.maxRows;
  }

  /**
   * Judges a statement that changes too many rows of an entity.
   *
   * @param isTold - whether the keys of the rows tell all that the statement changes
   * @returns whether the keys are to be told; otherwise the statement passes without events, which is logged
   * @throws WebhooksError `WEBHOOKS_CAPTURE_TOO_MANY_ROWS`
   */
  tellsKeys({ name }: EntityMetadata, isTold: boolean): boolean {
    const { maxRows, overMaxRows } = this.options;
    const what = `A statement changes more than ${maxRows} rows of ${name}`;
    if (overMaxRows === 'warn') {
      this.logger.warn(`${what}: it passes without events, as \`capture.overMaxRows\` is 'warn'.`);
      return false;
    }
    if (overMaxRows === 'keys' && isTold) return true;
    throw new CaptureError(
      'WEBHOOKS_CAPTURE_TOO_MANY_ROWS',
      overMaxRows === 'keys'
        ? `${what}, and with them keys, deletion dates or objects of other entities, of which their keys would not tell. ` +
            'Change fewer at a time, or raise `capture.maxRows`.'
        : `${what}, and capturing them all would hold too many in memory and locked. Change fewer at a time, raise ` +
            "`capture.maxRows`, or set `capture.overMaxRows` to 'keys' (events without data) or 'warn' (no events).",
    );
  }
}
