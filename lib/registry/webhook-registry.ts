import { Injectable, Logger } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import { onPrimary } from '../model/on-primary.js';
import { Webhook } from '../model/webhook.entity.js';
import { readStamp, stampOf } from './webhooks-stamp.js';

/** Milliseconds between looks at the table; a change made elsewhere is known after that at the latest. */
const REFRESH_INTERVAL = 500;
/** Milliseconds after which what is known is too old to say that nobody listens. */
const MAX_AGE = 1_000;

/** The table as it was read. */
interface Known {
  readonly webhooks: readonly Webhook[];
  readonly models: ReadonlySet<string>;
  /** Of these very rows; `undefined` before they were read. */
  readonly stamp: string | undefined;
}

/**
 * Knows which webhooks listen. Capture asks on every write and must not wait, so the answer is kept in memory and
 * refreshed in the background: at once in the process that changes a webhook, within a second in the others. While
 * it cannot be refreshed, every model counts as listened to.
 */
@Injectable()
export class WebhookRegistry {
  private readonly logger = new Logger(WebhookRegistry.name);
  private known: Known = { webhooks: [], models: new Set(), stamp: undefined };
  private refreshedAt = Number.NEGATIVE_INFINITY;
  private refreshing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private failed = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly always: boolean,
  ) {}

  /** Whether a webhook, enabled or not, names this model. Answers from memory. */
  listens(model: string): boolean {
    return this.always || this.known.models.has(model) || performance.now() - this.refreshedAt > MAX_AGE;
  }

  /**
   * All webhooks as they are in the database now: one cheap statement when nothing changed.
   *
   * @param manager - of a transaction whose statements see what is committed by then; without it, a connection is
   * asked of the pool, which a caller that holds one may be waiting for in vain
   */
  async current(manager?: EntityManager): Promise<readonly Webhook[]> {
    // A refresh that others began may wait for the very connection of this transaction.
    if (manager !== undefined) return this.load(manager);
    await this.refresh();
    return this.known.webhooks;
  }

  /** Reads the table if it changed. Joins a refresh that has not begun to read; never one that has. */
  async refresh(): Promise<void> {
    while (this.refreshing !== undefined) await this.refreshing.catch(() => undefined);
    // From a replica a change would be missed until the next one.
    const loading = onPrimary(this.dataSource, async (manager) => void (await this.load(manager)));
    this.refreshing = loading.finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  /** Starts refreshing in the background; the first refresh must succeed. */
  async start(): Promise<void> {
    await this.refresh();
    this.timer = setInterval(() => void this.refreshQuietly(), REFRESH_INTERVAL);
    this.timer.unref();
  }

  /** Stops refreshing. */
  stop(): void {
    clearInterval(this.timer);
  }

  private async refreshQuietly(): Promise<void> {
    if (this.refreshing !== undefined) return;
    try {
      await this.refresh();
      if (this.failed) this.logger.log('Webhooks can be read again.');
      this.failed = false;
    } catch (error) {
      if (!this.failed) {
        this.logger.warn(
          `Webhooks cannot be read (${String(error)}): until they can, every tracked entity is captured as if a webhook listened.`,
        );
      }
      this.failed = true;
    }
  }

  private async load(manager: EntityManager): Promise<readonly Webhook[]> {
    const began = performance.now();
    let { known } = this;
    if ((await readStamp(manager)) !== known.stamp) {
      // Without the cache of queries, which may answer with what was.
      const webhooks = await manager.getRepository(Webhook).find({ order: { id: 'ASC' }, cache: false });
      // Of the rows, not the one just read: they may have changed in between.
      const models = new Set(webhooks.flatMap((webhook) => webhook.models));
      known = { webhooks, models, stamp: stampOf(webhooks) };
    }
    // Of two that read at the same time, the one that began later knows at least as much.
    if (began >= this.refreshedAt) {
      this.known = known;
      this.refreshedAt = began;
    }
    return known.webhooks;
  }
}
