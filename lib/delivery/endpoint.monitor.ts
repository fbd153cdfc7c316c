import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Grouped } from '../common/grouped.js';
import { bareHost } from '../http/parse-target.js';
import type { Webhook } from '../model/webhook.entity.js';
import type { AttemptResult } from './attempt-result.js';
import type { EndpointHealth, HealthOutcome, HealthPolicy } from './endpoint-health.js';
import { disableWebhook, judgeEndpoint, type JudgedEndpoint } from './endpoint-store.js';
import { OutageDetector } from './outage-detector.js';
import { ResolverWatch } from './resolver-watch.js';
import type { WebhooksNotices } from './webhooks-notices.js';

/** An attempt as far as it tells something about the endpoint. */
export interface EndpointAttempt {
  readonly webhook: Webhook;
  readonly result: AttemptResult;
  readonly probe: boolean;
  /** Whether the endpoint was failing when the delivery was taken, which may be long ago. */
  readonly failing: boolean;
}

interface Judgement {
  readonly webhook: Webhook;
  readonly outcome: HealthOutcome;
}

/** Judges endpoints by what becomes of attempts, and tells who wants to know. */
export class EndpointMonitor {
  private readonly logger = new Logger('Webhooks');
  private readonly outage = new OutageDetector();
  /** Webhooks whose endpoints are not well, as far as this process has seen; the others are not in it. */
  private readonly ailing = new Map<string, 'failing' | 'stopped'>();
  private readonly resolver = new ResolverWatch();
  private readonly judgements: Grouped<Judgement, undefined>;

  constructor(
    private readonly dataSource: DataSource,
    private readonly notices: WebhooksNotices,
    private readonly policy: HealthPolicy,
  ) {
    this.judgements = new Grouped(async (group) => {
      await this.judgeAll(group);
      return group.map(() => undefined);
    }, 100);
  }

  /**
   * Decides whose a failure to connect is: when most endpoints cannot be reached, it is ours. So is that of a name
   * without an answer, until others get one.
   */
  attribute(webhookId: string, url: string, sent: AttemptResult): AttemptResult {
    if (sent.failure === 'definition' || sent.errorClass === 'aborted') return sent;
    const isOfName = this.resolver.report(hostOf(url), sent);
    const result: AttemptResult = isOfName ? { ...sent, failure: 'receiver' } : sent;
    const connected = result.statusCode !== null || result.remoteAddress !== null;
    this.outage.report(originOf(url), webhookId, connected);
    if (result.failure !== 'receiver' || connected || !this.outage.suspected) return result;
    return {
      ...result,
      failure: 'ours',
      error: `${result.error ?? ''} Most endpoints cannot be reached at the moment, so this does not count as an attempt.`,
    };
  }

  /** Takes note of an attempt that was recorded. Costs nothing while an endpoint is well. */
  async note({ webhook, result, probe, failing }: EndpointAttempt): Promise<void> {
    const success = result.failure === null;
    const known = this.ailing.has(webhook.id);
    if (success ? !failing && !known : result.failure !== 'receiver' || result.endpoint === 'gone') return;
    // At once, so that successes of deliveries that were taken before it end the row.
    if (!success && !known) this.ailing.set(webhook.id, 'failing');
    await this.judgements.add({ webhook, outcome: { success, probe } });
  }

  /** Whether this process saw it begin to rest, or be disabled, and no success since. */
  hasStopped(webhookId: string): boolean {
    return this.ailing.get(webhookId) === 'stopped';
  }

  /** The endpoint says that it will never take anything again. */
  async gone(webhook: Webhook): Promise<void> {
    const reason = 'Its endpoint answered 410: it is gone for good.';
    const disabled = await disableWebhook(this.dataSource, webhook.id, reason);
    this.ailing.set(webhook.id, 'stopped');
    if (!disabled) return;
    this.logger.warn(`Webhook "${webhook.name}" was disabled. ${reason}`);
    this.notices.tell('disabled', { webhookId: webhook.id, name: webhook.name, failureCount: 1, reason });
  }

  private async judgeAll(group: readonly Judgement[]): Promise<void> {
    for (const [id, judgements] of byWebhook(group)) {
      const outcomes = judgements.map(({ outcome }) => outcome);
      const judged = await judgeEndpoint(this.dataSource, id, outcomes, this.policy);
      this.remember(id, judged?.health);
      const webhook = judgements[0]?.webhook;
      if (judged !== undefined && webhook !== undefined) this.tell(webhook, judged);
    }
  }

  private remember(webhookId: string, health: EndpointHealth | undefined): void {
    if (health === undefined || health.failureCount === 0) this.ailing.delete(webhookId);
    else this.ailing.set(webhookId, health.enabled && health.pausedUntil === null ? 'failing' : 'stopped');
  }

  private tell({ id, name }: Webhook, { change, health, reason }: JudgedEndpoint): void {
    const notice = { webhookId: id, name, failureCount: health.failureCount, reason };
    switch (change) {
      case 'disabled':
        this.logger.warn(`Webhook "${name}" was disabled. ${reason}`);
        return this.notices.tell('disabled', notice);
      case 'paused': {
        const until = new Date(health.pausedUntil ?? 0);
        this.logger.warn(
          `The endpoint of webhook "${name}" failed ${health.failureCount} times in a row and rests until ${until.toISOString()}.`,
        );
        return this.notices.tell('paused', { ...notice, until });
      }
      case 'healed':
        this.logger.log(`The endpoint of webhook "${name}" answers again.`);
        return this.notices.tell('healed', notice);
      case null:
    }
  }
}

function originOf(url: string): string {
  return /^[a-z]+:\/\/[^/?#]+/i.exec(url)?.[0] ?? url;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? bareHost(new URL(url)) : url;
}

function byWebhook(group: readonly Judgement[]): Map<string, Judgement[]> {
  const groups = new Map<string, Judgement[]>();
  for (const judgement of group) {
    const { id } = judgement.webhook;
    groups.set(id, [...(groups.get(id) ?? []), judgement]);
  }
  return groups;
}
