import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checks } from '../../doctor/checks/all-checks.ts';
import { expectedGrants } from '../../doctor/facts/key-facts.ts';

const docs = join(import.meta.dirname, '../../docs');
const page = readFileSync(join(docs, 'keys.md'), 'utf8');

test('links to files that exist', () => {
  const links = [...page.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => path);
  expect(links.length).toBeGreaterThan(5);
  expect(links.filter((path) => !existsSync(join(docs, path)))).toEqual([]);
});

test('names only checks that the doctor has', () => {
  const known = checks.map(({ id }) => id);
  const named = [...page.matchAll(/`((?:key|role|topic|log|bucket)-[a-z-]+)`/g)].map(
    ([, id]) => id,
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((id) => !known.includes(id ?? ''))).toEqual([]);
});

test('names every check about keys', () => {
  const about = checks.filter(({ id, area }) => /key|kms|grant|decrypt/.test(`${id} ${area}`));
  expect(about.length).toBeGreaterThan(14);
  expect(about.filter(({ id }) => !page.includes(`\`${id}\``)).map(({ id }) => id)).toEqual([]);
});

test('names the four grants that MWAA creates', () => {
  for (const { prefix } of expectedGrants) expect(page).toContain(`\`${prefix}NAME\``);
});

test.each([
  ['destroy', 'npx cdk destroy AirflowEnvironment-prod'],
  [
    'take over the log groups, without the key’s stack',
    'npx cdk deploy --exclusively AirflowEnvironment-prod --import-existing-resources',
  ],
  [
    'take over the key, and with it what other stacks import',
    'npx cdk import AirflowKey-prod && npx cdk deploy AirflowKey-prod',
  ],
  ['revoke a grant', 'aws kms revoke-grant'],
  ['give a log group another key', 'aws logs associate-kms-key --log-group-name airflow-prod-Task'],
  ['rotate', 'aws kms rotate-key-on-demand'],
  ['find the line in CloudTrail', 'AttributeKey=EventName,AttributeValue=Decrypt'],
])('has the command to %s', (_what, command) => {
  expect(page).toContain(command);
});

test('fits on two pages', () => {
  expect(page.split('\n').length).toBeLessThanOrEqual(130);
});
