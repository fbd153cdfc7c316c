import type { DataSource, EntityManager } from 'typeorm';
import { NOW, SKIP_LOCKED } from '../model/dialect.js';
import { readCommitted } from '../model/read-committed.js';
import { Sql } from '../model/sql.js';
import { Webhook } from '../model/webhook.entity.js';
import {
  nextHealth,
  type EndpointHealth,
  type HealthChange,
  type HealthOutcome,
  type HealthPolicy,
} from './endpoint-health.js';
import { holdDeliveries } from './hold-deliveries.js';

/** An endpoint after its health was judged. */
export interface JudgedEndpoint {
  readonly change: HealthChange;
  readonly health: EndpointHealth;
  /** Why it was disabled. */
  readonly reason: string;
}

interface Row {
  now: string | number;
  enabled: boolean | number;
  failure_count: number;
  failing_since: string | number | null;
  paused_until: string | number | null;
  pause_count: number;
}

const COLUMNS = ['enabled', 'failure_count', 'failing_since', 'paused_until', 'pause_count'] as const;

/**
 * Judges attempts at one endpoint under the lock of its row, by the database's clock. Disabling holds what is pending.
 *
 * @returns `undefined` when the webhook is gone
 */
export async function judgeEndpoint(
  dataSource: DataSource,
  webhookId: string,
  outcomes: readonly HealthOutcome[],
  policy: HealthPolicy,
): Promise<JudgedEndpoint | undefined> {
  const judged = await readCommitted(dataSource, async (manager) => {
    const row = await lock(manager, webhookId);
    if (row === undefined) return undefined;
    const { health, change } = nextHealth(healthOf(row), outcomes, Number(row.now), policy);
    const reason = change === 'disabled' ? describe(health, Number(row.now)) : '';
    await store(manager, webhookId, health, reason);
    return { change, health, reason };
  });
  if (judged?.change === 'disabled') await holdDeliveries(dataSource, webhookId);
  return judged;
}

/** Disables a webhook at once, and holds what is pending. Gives whether it was enabled until now. */
export async function disableWebhook(
  dataSource: DataSource,
  webhookId: string,
  reason: string,
): Promise<boolean> {
  const disabled = await readCommitted(dataSource, async (manager) => {
    const row = await lock(manager, webhookId);
    if (row === undefined || !healthOf(row).enabled) return false;
    await store(manager, webhookId, { ...healthOf(row), enabled: false, pausedUntil: null }, reason);
    return true;
  });
  if (disabled) await holdDeliveries(dataSource, webhookId);
  return disabled;
}

/**
 * Takes the right to send the one probe of an endpoint whose rest is over.
 *
 * @param lease - milliseconds after which another probe may go if nothing is heard of this one
 */
export async function claimProbe(dataSource: DataSource, webhookId: string, lease: number): Promise<boolean> {
  return readCommitted(dataSource, async (manager) => {
    const select = new Sql(dataSource);
    const now = NOW[select.dialect];
    const rows = await manager.query<unknown[]>(
      `SELECT ${select.name('id')} FROM ${select.table(Webhook)}
       WHERE ${select.name('id')} = ${select.value(webhookId)} AND ${select.name('paused_until')} <= ${now} ${SKIP_LOCKED[select.dialect]}`,
      select.parameters,
    );
    if (rows.length === 0) return false;
    const update = new Sql(dataSource);
    await manager.query(
      `UPDATE ${update.table(Webhook)} SET ${update.name('paused_until')} = ${now} + ${lease}
       WHERE ${update.name('id')} = ${update.value(webhookId)}`,
      update.parameters,
    );
    return true;
  });
}

/** Ends the rests of endpoints: of each, one delivery goes at once as the probe. */
export async function endRests(manager: EntityManager, webhookIds: readonly string[]): Promise<void> {
  if (webhookIds.length === 0) return;
  const sql = new Sql(manager.dataSource);
  const [now, paused] = [NOW[sql.dialect], sql.name('paused_until')];
  await manager.query(
    `UPDATE ${sql.table(Webhook)} SET ${paused} = ${now} WHERE ${paused} > ${now} AND ${sql.name('id')} ${sql.among(webhookIds)}`,
    sql.parameters,
  );
}

async function lock(manager: EntityManager, webhookId: string): Promise<Row | undefined> {
  const sql = new Sql(manager.dataSource);
  const [row] = await manager.query<Row[]>(
    `SELECT ${NOW[sql.dialect]} AS now, ${sql.names(COLUMNS)} FROM ${sql.table(Webhook)}
     WHERE ${sql.name('id')} = ${sql.value(webhookId)} ${sql.dialect === 'sqlite' ? '' : 'FOR UPDATE'}`,
    sql.parameters,
  );
  return row;
}

function healthOf(row: Row): EndpointHealth {
  return {
    enabled: Boolean(row.enabled),
    failureCount: row.failure_count,
    failingSince: time(row.failing_since),
    pausedUntil: time(row.paused_until),
    pauseCount: row.pause_count,
  };
}

async function store(
  manager: EntityManager,
  webhookId: string,
  health: EndpointHealth,
  reason: string,
): Promise<void> {
  const sql = new Sql(manager.dataSource);
  const set: Record<string, unknown> = {
    failure_count: health.failureCount,
    failing_since: health.failingSince,
    paused_until: health.pausedUntil,
    pause_count: health.pauseCount,
    ...(reason === '' ? {} : { enabled: false, disabled_reason: reason }),
  };
  const assignments = Object.entries(set).map(([name, value]) => `${sql.name(name)} = ${sql.value(value)}`);
  // Health is no part of the definition: only a change of `enabled` makes others read it again.
  if (reason !== '') assignments.push(`${sql.name('revision')} = ${sql.name('revision')} + 1`);
  await manager.query(
    `UPDATE ${sql.table(Webhook)} SET ${assignments.join(', ')} WHERE ${sql.name('id')} = ${sql.value(webhookId)}`,
    sql.parameters,
  );
}

function describe({ failureCount, failingSince }: EndpointHealth, now: number): string {
  const hours = Math.round((now - (failingSince ?? now)) / 3_600_000);
  return `Its endpoint failed ${failureCount} times in a row over ${hours} hours. Enable it when the receiver works again.`;
}

function time(value: string | number | null): number | null {
  return value === null ? null : Number(value);
}
