import type { DataSource } from 'typeorm';
import { Grouped } from '../common/grouped.js';
import { LOCK_MARGIN } from './claim-deliveries.js';
import { recordAttempts, type AttemptRecord } from './record-attempts.js';

/** Attempts that one statement records at most. */
const GROUP = 100;
/** Milliseconds between tries while the database cannot be reached. */
const INTERVAL = 500;
/**
 * Milliseconds for which it is tried: as long as no other worker takes the delivery. Half the margin may be gone before
 * the attempt, and the last try takes time as well.
 */
const PATIENCE = LOCK_MARGIN / 2 - 5_000;

/** Records attempts in groups; a database that is away for a moment costs no second request. */
export class RecordStore {
  private readonly records: Grouped<AttemptRecord, undefined>;
  private stopping = false;

  constructor(dataSource: DataSource) {
    this.records = new Grouped(
      async (records) => {
        await recordAttempts(dataSource, records);
        return records.map(() => undefined);
      },
      GROUP,
      { weigh: charactersOf, apart: true },
    );
  }

  /** Resolves when the attempt is committed. @throws what the database says when it stays away */
  async add(record: AttemptRecord): Promise<void> {
    const end = performance.now() + PATIENCE;
    for (;;) {
      try {
        return await this.records.add(record);
      } catch (error) {
        if (this.stopping || performance.now() > end) throw error;
        await new Promise((resolve) => setTimeout(resolve, INTERVAL));
      }
    }
  }

  /** From now on, one try each. */
  stop(): void {
    this.stopping = true;
  }
}

/** Of the parts of a record that may be long. */
function charactersOf({ defaultBody, exchange }: AttemptRecord): number {
  const headers = [exchange.requestHeaders, exchange.responseHeaders ?? {}].flatMap((each) =>
    Object.values(each),
  );
  return [defaultBody, exchange.responseBody, ...headers].reduce((sum, text) => sum + (text?.length ?? 0), 0);
}
