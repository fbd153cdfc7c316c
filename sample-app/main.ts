import { resolve } from 'node:path';
import { explain } from './explain.js';
import { settingsFromEnvironment } from './settings.js';
import { startSampleApp } from './start-sample-app.js';

try {
  const settings = await settingsFromEnvironment(process.env, resolve('.data'));
  const sample = await startSampleApp(settings);
  console.log(`
REST API   ${sample.url}/api/peering/internet-exchange-peering-sessions
Webhooks   ${sample.url}/admin/webhooks (sign in as admin, with the token below)
Database   ${sample.database}
Queue      ${sample.queue}
Header     Authorization: Bearer ${settings.tokens.admin}

Stop with Ctrl+C.`);
  // Once: a second Ctrl+C does not wait.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sample.close());
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
