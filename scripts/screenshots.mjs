// Takes the pictures of docs/images from the running sample application: npm run screenshots
// Or those of every page, also in the dark and on a phone, into another folder: npm run screenshots -- <folder>
// Needs Chromium: CHROMIUM_PATH, or /usr/bin/chromium.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { DataSource } from 'typeorm';

for (const script of ['build', 'build:sample']) {
  const { status } = spawnSync('npm', ['run', '--silent', script], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
const dist = (/** @type {string} */ path) =>
  import(new URL(`../sample-app/dist/${path}.js`, import.meta.url).href);
const { startSampleApp } = await dist('start-sample-app');
const { settingsFromEnvironment } = await dist('settings');
const { seedData } = await dist('demo/seed-data');
const { ApiClient } = await dist('demo/api-client');

const SESSIONS = '/api/peering/internet-exchange-peering-sessions';
const ADMIN = '/admin/webhooks';
const [everything] = process.argv.slice(2);

// A chat that works, an inventory that is moody, a router controller that is down.
let count = 0;
const receiver = createServer((request, response) => {
  count += 1;
  const status =
    request.url === '/inventory' && count % 3 === 0 ? 503 : request.url === '/routers' ? 422 : 200;
  const answer = {
    200: { ok: true },
    422: { error: 'unknown exchange', field: 'ixp_connection' },
    503: { error: 'busy' },
  };
  request.resume().on('end', () => {
    setTimeout(
      () => {
        response.writeHead(status, { 'content-type': 'application/json', server: 'sample' });
        response.end(JSON.stringify(answer[status]));
      },
      5 + ((count * 37) % 90),
    );
  });
});
await new Promise((resolve) => receiver.listen(0, '127.0.0.1', () => resolve(undefined)));
const target = `http://127.0.0.1:${receiver.address().port}`;

const settings = { ...(await settingsFromEnvironment()), port: 0 };
const sample = await startSampleApp(settings, ['error']);
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--hide-scrollbars',
  ],
});
try {
  await fill();
  await shoot();
} finally {
  await browser.close();
  await sample.close();
  receiver.close();
  receiver.closeAllConnections();
}

async function fill() {
  const api = new ApiClient(sample.url, settings.tokens.admin);
  const { system, connection } = await seedData(api);
  const define = (webhook) =>
    api.send('POST', `${ADMIN}/api/webhooks`, { events: ['create', 'update', 'delete'], ...webhook });
  const session = 'internetexchangepeeringsession';
  await define({
    name: 'Chat of the peering team',
    description: 'Who changed which session',
    models: [session],
    url: `${target}/chat`,
    bodyTemplate:
      '{"text": {{ ("IXP session " ~ data.ip_address ~ " is " ~ data.status.value ~ ", says " ~ username) | tojson }}}',
    variables: { TOKEN: 'xoxb-sample-token' },
    additionalHeaders: 'Authorization: Bearer {{ secrets.TOKEN }}',
  });
  await define({
    name: 'Inventory',
    models: [session, 'autonomoussystem'],
    url: `${target}/inventory`,
    schedule: [0, 200, 60_000],
  });
  await define({
    name: 'Router configuration',
    description: 'Enabled sessions only',
    models: [session],
    url: `${target}/routers`,
    schedule: [0],
    conditions: {
      and: [
        { attr: 'status.value', value: 'enabled' },
        { attr: 'multihop_ttl', op: 'gte', value: 1 },
      ],
    },
  });
  const retired = await define({
    name: 'Old monitoring',
    models: [session],
    url: `${target}/old`,
    enabled: false,
  });
  void retired;
  for (let host = 1; host <= 14; host += 1) {
    const { id } = await api.send('POST', SESSIONS, {
      autonomous_system: system.id,
      ixp_connection: connection.id,
      ip_address: `2001:db8::fbf2:${host}`,
      password: 'known to the routers only',
    });
    await api.send('PATCH', `${SESSIONS}/${id}`, {
      status: 'enabled',
      comments: 'Agreed with the other side.',
    });
    if (host % 5 === 0) await api.send('DELETE', `${SESSIONS}/${id}`);
  }
  for (let tries = 0; tries < 100; tries += 1) {
    const queue = await api.send('GET', `${ADMIN}/api/queue`);
    if (queue.waiting + queue.active + queue.events === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** So that the pictures of the last 24 hours have something to show. */
async function spreadOverTheDay() {
  await sample.app.get(DataSource).query(
    `UPDATE webhook_delivery SET created_at = created_at - (('x' || substr(md5(event_id), 1, 4))::bit(16)::int % 24) * 3600000
     WHERE created_at > extract(epoch FROM now()) * 1000 - 3600000`,
  );
}

async function shoot() {
  const folder = everything ?? fileURLToPath(new URL('../docs/images', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const httpCredentials = { username: 'admin', password: settings.tokens.admin, send: 'always' };
  const api = new ApiClient(sample.url, settings.tokens.admin);
  const webhooks = await api.send('GET', `${ADMIN}/api/webhooks`);
  const chat = webhooks.find(({ name }) => name.startsWith('Chat'));
  const inventory = webhooks.find(({ name }) => name === 'Inventory');
  const routers = webhooks.find(({ name }) => name.startsWith('Router'));
  const failed = await api.send('GET', `${ADMIN}/api/deliveries?status=failed&webhookId=${routers.id}`);
  const events = await api.send('GET', `${ADMIN}/api/events?event=update&limit=1`);
  const allPages = [
    ['webhook-form', `webhooks/${chat.id}/edit`],
    ['deliveries', 'deliveries'],
    ['delivery', `deliveries/${failed.items[0].id}`],
    ['event', `events/${events.items[0].id}`],
    ['queue', 'queue'],
    ['webhooks', 'webhooks'],
    ['webhook', `webhooks/${inventory.id}`],
  ];
  const pages =
    everything === undefined
      ? allPages.filter(([name]) => ['delivery', 'webhooks'].includes(name))
      : allPages;
  /** @type {[string, import('playwright-core').BrowserContextOptions][]} */
  const allViews = [
    ['', { colorScheme: 'light', viewport: { width: 1280, height: 860 } }],
    ['-dark', { colorScheme: 'dark', viewport: { width: 1280, height: 860 } }],
    ['-phone', { colorScheme: 'light', viewport: { width: 375, height: 800 } }],
  ];
  for (const [suffix, options] of everything === undefined ? allViews.slice(0, 1) : allViews) {
    const context = await browser.newContext({ ...options, httpCredentials });
    const page = await context.newPage();
    for (const [name, path] of pages) {
      if (name === 'webhooks') await spreadOverTheDay();
      await page.goto(`${sample.url}${ADMIN}/${path}`);
      if (name === 'webhook-form') await page.waitForSelector('#preview-request');
      if (name === 'webhooks') await page.waitForSelector('tbody tr:last-child svg');
      await page.screenshot({ path: join(folder, `${name}${suffix}.png`) });
    }
    await context.close();
  }
}
