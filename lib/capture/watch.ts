import type { Logger } from '@nestjs/common';
import type { EntityMetadata } from 'typeorm';
import { WebhooksContext } from '../context/webhooks-context.js';
import type { TrackedTable } from './tracked-table.js';

/** What capture asks of the registry: whether a webhook listens to a model, from memory. */
export interface Listening {
  listens(model: string): boolean;
}

/** Decides which writes are captured at all: those of models that a webhook listens to, outside of silence. */
export class Watch {
  constructor(
    private readonly registry: Listening,
    private readonly logger: Pick<Logger, 'debug'>,
  ) {}

  /** Whether changes of some rows of this table make events now. */
  watches(table: TrackedTable | undefined): table is TrackedTable {
    if (table === undefined) return false;
    for (const model of table.models) {
      if (this.registry.listens(model)) return !this.isSilent(table);
    }
    return false;
  }

  /** Whether changes of this kind of row make events now. */
  watchesKind(table: TrackedTable, kind: EntityMetadata): boolean {
    return this.registry.listens(table.entityOf(kind).model);
  }

  private isSilent(table: TrackedTable): boolean {
    if (WebhooksContext.current()?.silent !== true) return false;
    this.logger.debug(`A write of ${table.root.name} makes no events: its context is silent.`);
    return true;
  }
}
