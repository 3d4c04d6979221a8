import { readFileSync } from 'node:fs';
import { namesFor } from '../../infra/naming/names.ts';
import { alarmsPage, alarmsPageFile } from '../../infra/watch/alarms-page.ts';
import { metricDefinitions } from '../../lambda/metrics/metric-definitions.ts';
import { logTypes } from '../../lambda/model/log-types.ts';

const page = readFileSync(alarmsPageFile, 'utf8');

test('docs/alarms.md is what the definitions make of it (npm run docs:alarms)', () => {
  expect(alarmsPage(page)).toBe(page);
});

test('the page has a row for each alarm, by its name', () => {
  const { alarms, prefix } = namesFor('Env');
  const [logType = 'Task'] = logTypes;
  const names = Object.values(alarms).map((name) =>
    typeof name === 'string' ? name : name(logType).replace(logType, '<LogType>'),
  );
  expect(names.length).toBeGreaterThan(10);
  for (const name of names) expect(page).toContain(`\n| \`${name.slice(prefix.length + 1)}\``);
});

test('the page has a row for each metric, by its name', () => {
  for (const { name } of Object.values(metricDefinitions))
    expect(page).toContain(`\n| \`${name}\` |`);
});

test('a page without the markers of the generated part is refused', () => {
  expect(() => alarmsPage('# Alarms\n')).toThrow(/^docs\/alarms\.md: must hold /);
});
