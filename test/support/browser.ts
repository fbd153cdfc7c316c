import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const path = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Whether the machine's Chromium is there; suites that need it are skipped where it is not. */
export const hasBrowser = existsSync(path);

if (!hasBrowser) {
  const line = `There is no Chromium at ${path} (set CHROMIUM_PATH): the suites of the page in a browser are skipped.`;
  if (process.env['WEBHOOKS_TEST_REQUIRE_ALL'] === '1')
    throw new Error(`WEBHOOKS_TEST_REQUIRE_ALL=1, but: ${line}`);
  console.log(line);
}

/** Starts the machine's Chromium. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
