import { readFileSync } from 'node:fs';
import { costPage, costPageFile, defaultCosts } from '../../cli/cost/cost-page.ts';
import { isScan } from '../../cli/cost/monthly-cost.ts';

const page = readFileSync(costPageFile, 'utf8');
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

test('docs/cost.md is what the template and the prices make of it (npm run docs:cost)', () => {
  expect(costPage(page)).toBe(page);
});

test('a page without the markers of the generated part is refused', () => {
  expect(() => costPage('# Cost\n')).toThrow(/^docs\/cost\.md: must hold /);
});

test('the README names what a month costs', () => {
  const [{ lines, usd }] = defaultCosts().billsFor(1);
  const ofGb = lines.find(isScan)?.usd.most ?? 0;
  const rest = Math.round(usd.most - ofGb);
  expect(readme).toContain(
    `about $${rest} a month, and $${ofGb.toFixed(2)} for each GB of logs a day`,
  );
});
