import type { Browser } from 'playwright-core';
import { startAdmin, type AdminUnderTest } from './admin.js';
import { startBrowser } from './browser.js';
import { startReceiver, type Receiver } from './receiver.js';

/** What tests of the page in a browser need. */
export interface Pages {
  readonly admin: AdminUnderTest;
  readonly receiver: Receiver;
  readonly browser: Browser;
  readonly close: () => Promise<void>;
}

/** Starts an application with its page, as {@link startAdmin} does, a receiver and a browser. */
export async function startPages(...given: Parameters<typeof startAdmin>): Promise<Pages> {
  const [admin, receiver, browser] = await Promise.all([
    startAdmin(...given),
    startReceiver(),
    startBrowser(),
  ]);
  return {
    admin,
    receiver,
    browser,
    close: async () => {
      await browser.close();
      await admin.close();
      await receiver.close();
    },
  };
}
