import type { DataSource } from 'typeorm';
import { newId } from '../../lib/common/new-id.js';
import { Webhook } from '../../lib/model/webhook.entity.js';
import { SecretStore } from '../../lib/secrets/secret-store.js';
import { generateSecret } from '../../lib/signing/generate-secret.js';

/** The key of the workers. */
export const KEY = Buffer.alloc(32, 7).toString('base64');

const DATA = JSON.stringify({
  id: 85,
  autonomous_system: { id: 9, asn: 64498, name: 'Stark Industries' },
  ip_address: '2001:db8::fbf2:1',
  status: { value: 'active', label: 'Active' },
  comment: 'x'.repeat(300),
});
const SNAPSHOT = JSON.stringify({
  id: 85,
  autonomousSystem: 9,
  ipAddress: '2001:db8::fbf2:1',
  status: 'active',
});

/** A body of the size that the default body has here. */
export const BODY = JSON.stringify({
  event: 'update',
  timestamp: new Date(0).toISOString(),
  model: 'session',
  username: 'ada',
  request_id: newId(),
  data: JSON.parse(DATA) as unknown,
  snapshots: { prechange: JSON.parse(SNAPSHOT) as unknown, postchange: JSON.parse(SNAPSHOT) as unknown },
});

/** Writes a signed webhook with the default body. */
export async function insertWebhook(dataSource: DataSource, url: string, model = 'session'): Promise<string> {
  const id = newId();
  const now = new Date();
  await dataSource.getRepository(Webhook).insert({
    id,
    name: id,
    models: [model],
    events: ['create', 'update', 'delete'],
    url,
    additionalHeaders: '',
    bodyTemplate: '',
    secret: new SecretStore({ keys: [KEY] }).encrypt(id, 'secret', generateSecret()),
    createdAt: now,
    updatedAt: now,
  });
  return id;
}

/** Ids as the library makes them, in their order. */
const ids = (count: number) => Array.from({ length: count }, newId);

/** Writes committed events that wait to be dispatched, or that were. */
export async function insertEvents(dataSource: DataSource, count: number, dispatched = false): Promise<void> {
  await dataSource.query(
    `INSERT INTO webhook_event (id, model, event, object_id, occurred_at, username, request_id, data, prechange, postchange, changed, dispatched_at)
     SELECT n.id, 'session', 'update', n.n, (extract(epoch from now()) * 1000)::bigint, 'ada', gen_random_uuid(), $2, $3, $3, '["status"]',
       CASE WHEN $4 THEN (extract(epoch from now()) * 1000)::bigint END
     FROM unnest($1::text[]) WITH ORDINALITY AS n(id, n)`,
    [ids(count), DATA, SNAPSHOT, dispatched],
  );
}

/** Writes due deliveries of all events that have none. */
export async function insertDeliveries(dataSource: DataSource, webhookId: string): Promise<void> {
  const events = await dataSource.query<{ id: string }[]>(
    `SELECT e.id FROM webhook_event e
     WHERE NOT EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.event_id = e.id) ORDER BY e.sequence`,
  );
  await dataSource.query(
    `INSERT INTO webhook_delivery (id, webhook_id, event_id, sequence, model, event, object_id, trigger, status, created_at, next_attempt_at, queue_at)
     SELECT n.id, $1, e.id, e.sequence, e.model, e.event, e.object_id, 'event', 'pending', t, t, t
     FROM (SELECT (extract(epoch from now()) * 1000)::bigint AS t) AS at,
       unnest($2::text[], $3::text[]) AS n(id, event_id) JOIN webhook_event e ON e.id = n.event_id`,
    [webhookId, ids(events.length), events.map(({ id }) => id)],
  );
}
