import { Webhook } from 'standardwebhooks';
import { WebhooksService } from 'nestjs-webhooks';
import { PlainError } from './common/plain-error.js';
import { ApiClient } from './demo/api-client.js';
import { printRequest } from './demo/print-request.js';
import { Receiver, type ReceivedRequest } from './demo/receiver.js';
import { seedData } from './demo/seed-data.js';
import { explain } from './explain.js';
import { settingsFromEnvironment } from './settings.js';
import { startSampleApp, type SampleApp } from './start-sample-app.js';

const SESSIONS = '/api/peering/internet-exchange-peering-sessions';
const PATIENCE = 10_000;

// What hangs is missing, too.
setTimeout(() => {
  console.error(
    'The demo did not end within 55 seconds. Is the database or Redis behind DATABASE_URL or REDIS_URL slow?',
  );
  process.exit(1);
}, 55_000).unref();

const receiver = new Receiver();
let sample: SampleApp | undefined;
try {
  console.log('Starting a small peering manager, and a receiver …');
  const settings = { ...(await settingsFromEnvironment()), port: 0 };
  sample = await startSampleApp(settings, ['error']);
  console.log(
    `  REST API   ${sample.url}/api\n  Database   ${sample.database}\n  Queue      ${sample.queue}`,
  );
  const api = new ApiClient(sample.url, settings.tokens.admin);
  const { system, connection } = await seedData(api);

  const webhooks = sample.app.get(WebhooksService, { strict: false });
  const url = await receiver.start();
  const webhook = await webhooks.create({
    name: `Demo ${new Date().toISOString()}`,
    models: ['internetexchangepeeringsession'],
    events: ['create', 'update', 'delete'],
    url,
  });
  console.log(`  Webhook    sessions created, updated or deleted → POST ${url}\n`);
  const verifier = new Webhook(webhook.standardSecret ?? '');

  const created = await api.send<{ id: number }>('POST', SESSIONS, {
    autonomous_system: system.id,
    ixp_connection: connection.id,
    ip_address: '2001:db8::fbf2:1',
    password: 'known to the routers only',
  });
  await show('create', `POST ${SESSIONS}`);
  await api.send('PATCH', `${SESSIONS}/${created.id}`, { status: 'enabled' });
  await show('update', `PATCH ${SESSIONS}/${created.id}`);
  await api.send('DELETE', `${SESSIONS}/${created.id}`);
  await show('delete', `DELETE ${SESSIONS}/${created.id}`);

  await webhooks.delete(webhook.id);
  console.log('Three changes, three requests, three signatures verified.');

  async function show(event: string, request: string): Promise<void> {
    console.log(`● ${request}`);
    const received = await receiver.next(PATIENCE);
    if (received === undefined)
      throw new PlainError(`No request arrived for it within ${PATIENCE / 1_000} seconds.`);
    console.log(`\n${printRequest(received)}\n`);
    const body = verify(verifier, received);
    if (body.event !== event) throw new PlainError(`The request says ${body.event} instead of ${event}.`);
    console.log('  ✓ signature verified with the npm package standardwebhooks\n');
  }
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
} finally {
  receiver.close();
  await sample?.close();
}

function verify(verifier: Webhook, { body, headers }: ReceivedRequest): { event: string } {
  try {
    return verifier.verify(body, headers as Record<string, string>) as { event: string };
  } catch (cause) {
    throw new PlainError(`The signature is wrong: ${String(cause)}`, { cause });
  }
}
