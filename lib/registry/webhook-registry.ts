import { Injectable, Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Webhook } from '../model/webhook.entity.js';
import { tableName } from '../model/table-name.js';

/** Milliseconds between looks at the table; a change made elsewhere is known after that at the latest. */
const REFRESH_INTERVAL = 500;
/** Milliseconds after which what is known is too old to say that nobody listens. */
const MAX_AGE = 1_000;

/**
 * Knows which webhooks listen. Capture asks on every write and must not wait, so the answer is kept in memory and
 * refreshed in the background: at once in the process that changes a webhook, within a second in the others. While
 * it cannot be refreshed, every model counts as listened to.
 */
@Injectable()
export class WebhookRegistry {
  private readonly logger = new Logger(WebhookRegistry.name);
  private webhooks: readonly Webhook[] = [];
  private models: ReadonlySet<string> = new Set();
  private stamp: string | undefined;
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
    return this.always || this.models.has(model) || performance.now() - this.refreshedAt > MAX_AGE;
  }

  /** All webhooks as they are in the database now: one cheap statement when nothing changed. */
  async current(): Promise<readonly Webhook[]> {
    await this.refresh();
    return this.webhooks;
  }

  /** Reads the table if it changed. Joins a refresh that has not begun to read; never one that has. */
  async refresh(): Promise<void> {
    while (this.refreshing !== undefined) await this.refreshing.catch(() => undefined);
    this.refreshing = this.load().finally(() => {
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

  private async load(): Promise<void> {
    const began = performance.now();
    const stamp = await this.readStamp();
    if (stamp !== this.stamp) {
      this.webhooks = await this.dataSource.getRepository(Webhook).find({ order: { id: 'ASC' } });
      this.models = new Set(this.webhooks.flatMap(({ models }) => models));
      this.stamp = stamp;
    }
    this.refreshedAt = began;
  }

  /** Changes with every insert, update and delete of a definition. */
  private async readStamp(): Promise<string> {
    const escape = (name: string) => this.dataSource.driver.escape(name);
    const [row] = await this.dataSource.query<Record<string, unknown>[]>(
      `SELECT COUNT(*) AS a, SUM(${escape('revision')}) AS b, MAX(${escape('updated_at')}) AS c FROM ${tableName(this.dataSource, Webhook)}`,
    );
    return JSON.stringify(Object.values(row ?? {}), (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
  }
}
