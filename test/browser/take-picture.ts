/**
 * Takes the picture of the README from a demo's report: the top of the page, in the light theme.
 *
 *     npm run demo && node test/browser/take-picture.ts demo-output docs/images/report.png
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openBrowser } from './open-browser.ts';

const [directory = 'demo-output', picture = 'docs/images/report.png'] = process.argv.slice(2);

const browser = await openBrowser();
try {
  const page = await browser.newPage({
    viewport: { width: 1200, height: 900 },
    colorScheme: 'light',
  });
  await page.goto(pathToFileURL(resolve(directory, 'report.html')).href);
  await page.screenshot({ path: picture });
} finally {
  await browser.close();
}
