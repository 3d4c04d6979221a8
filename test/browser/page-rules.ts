import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Browser, Page } from 'playwright-core';

/** Reports whether a rule holds; the check of the page goes on either way. */
export type Check = (rule: string, found: unknown, expected: unknown) => void;

const axeSource = readFileSync(
  fileURLToPath(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url)),
  'utf8',
);
const looks = [
  { width: 1400, height: 900, colorScheme: 'light' },
  { width: 1400, height: 900, colorScheme: 'dark' },
  { width: 390, height: 844, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
] as const;

/**
 * What every report has to keep, of a demo and of a replay alike: it can be read in light and dark, on a
 * wide and a narrow screen, by people who see, hear or print it, and its links and filters work.
 *
 * @param saveAs called with each look's name; returns the path of its picture, or undefined for none
 */
export async function checkRules(
  browser: Browser,
  url: string,
  check: Check,
  saveAs: (look: string) => string | undefined,
): Promise<void> {
  for (const { width, height, colorScheme } of looks) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    const look = `${width}-${colorScheme}`;
    await page.goto(url);
    const path = saveAs(look);
    if (path !== undefined) await page.screenshot({ path, fullPage: true });
    check(`${look}: the page is not wider than the screen`, await sidewaysPixels(page), 0);
    check(`${look}: the findings begin on the first two screens`, await isNear(page, height), true);
    check(`${look}: no name in a chart overlaps another`, await overlappingNames(page), []);
    await openAll(page);
    check(`${look}: axe-core finds nothing serious`, await seriousFaults(page), []);
    await page.close();
  }
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(url);
  check(
    'every link leads to a part of the page, or from a mail to AWS or a runbook',
    await deadLinks(page),
    [],
  );
  await checkFilters(page, check);
  await checkPrint(page, check);
  await page.close();
}

function sidewaysPixels(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

function isNear(page: Page, screenHeight: number): Promise<boolean> {
  return page.evaluate((limit) => {
    const list = document.querySelector('#findings');
    return list === null || list.getBoundingClientRect().top < limit;
  }, 2 * screenHeight);
}

function overlappingNames(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const shown = [...document.querySelectorAll('.chart .name, .labels span')]
      .map((element) => ({ text: element.textContent, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0);
    return shown.flatMap(({ text, box }, at) => {
      const other = shown
        .slice(at + 1)
        .find(
          ({ box: b }) =>
            box.left < b.right - 1 &&
            b.left < box.right - 1 &&
            box.top < b.bottom - 1 &&
            b.top < box.bottom - 1,
        );
      return other === undefined ? [] : [`${text} and ${other.text}`];
    });
  });
}

async function openAll(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
}

async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  // Size of targets is a rule of WCAG 2.2 AA that axe-core does not ask by default.
  const options: RunOptions = {
    resultTypes: ['violations'],
    rules: { 'target-size': { enabled: true } },
  };
  const { violations } = await page.evaluate<AxeResults, RunOptions>(
    (given) => (globalThis as unknown as { axe: typeof import('axe-core') }).axe.run(given),
    options,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.length} times, first ${nodes[0]?.html.slice(0, 200)}`);
}

function deadLinks(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('a[href]')]
      .filter((link) => {
        const href = link.getAttribute('href') ?? '';
        if (href.startsWith('#')) return document.getElementById(href.slice(1)) === null;
        const { protocol, hostname, pathname } = new URL(href);
        const isRunbook = /\/docs\/runbooks\/[\w-]+\.md$/.test(pathname);
        const isAws = protocol === 'https:' && hostname.endsWith('.console.aws.amazon.com');
        return link.closest('#mails') === null || !(isRunbook || isAws);
      })
      .map((link) => link.getAttribute('href') ?? ''),
  );
}

async function checkFilters(page: Page, check: Check): Promise<void> {
  const all = await page.locator('.finding').count();
  if (all === 0) return;
  const shown = () => page.locator('.finding:visible').count();
  const marks = () => page.locator('#finding-chart .mark:visible').count();
  for (const box of await page.locator('.filters input').all()) {
    const className = ((await box.getAttribute('id')) ?? '').replace('only-', '');
    const those = await page.locator(`.finding.${className}`).count();
    await box.uncheck();
    check(`without ${className} its findings are hidden`, await shown(), all - those);
    check(`without ${className} its marks are hidden`, await marks(), all - those);
    await box.check();
  }
  for (const [index, select] of (await page.locator('.filters select').all()).entries()) {
    const option = select.locator('option').nth(1);
    const className = ((await option.getAttribute('id')) ?? '').replace('only-', '');
    const those = await page.locator(`.finding.${className}`).count();
    await select.selectOption({ index: 1 });
    check(`the choice ${index + 1} shows the findings that have it`, await shown(), those);
    const others = page.locator(`.finding:not(.${className}) .body`);
    if ((await others.count()) > 0) {
      const id = await others.first().getAttribute('id');
      await page.evaluate((hash) => location.assign(`#${hash}`), id);
      check(
        'a link to a hidden finding shows and opens it',
        await others.first().isVisible(),
        true,
      );
    }
    await page.evaluate(() => location.assign('#'));
    await page.locator('.filters button').click();
    check('"show all" shows all findings', await shown(), all);
  }
}

async function checkPrint(page: Page, check: Check): Promise<void> {
  const evidence = page.locator('.finding .samples');
  if ((await evidence.count()) === 0) return;
  await page.reload();
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  check('evidence is printed, though it is not open', await evidence.last().isVisible(), true);
  check(
    'it is printed on white',
    await page.evaluate(() => getComputedStyle(document.body).backgroundColor),
    'rgb(255, 255, 255)',
  );
}
