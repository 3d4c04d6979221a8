import { type Browser, chromium } from 'playwright-core';

/** The Chromium of this machine; playwright-core brings none. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      // Chromium's own requests would be mistaken for the page's.
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
