import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { environmentSchema } from '../../../infra/config/environment-config.ts';
import { fleetQuotas, passedQuotas, quotaRows } from '../../../infra/fleet/quotas.ts';
import { MonitorStack } from '../../../infra/monitor-stack.ts';
import { fleetNamesFor } from '../../../infra/naming/names.ts';
import { loadDetections } from '../../../queries/tools/load-detections.ts';
import { newApp, withoutBundling } from '../synthesized.ts';
import type { TemplateJson } from '../template-walk.ts';

/** The types of the resources of one monitor in a fleet. */
const types = (() => {
  const stack = new MonitorStack(newApp(withoutBundling), 'Monitor', {
    config: environmentSchema.parse({
      mwaaEnvironment: 'prod',
      notify: { email: ['a@example.com'] },
    }),
    detections: loadDetections(),
    fleet: fleetNamesFor({}),
  });
  const { Resources } = Template.fromStack(stack).toJSON() as TemplateJson;
  return Object.values(Resources).map(({ Type }) => Type);
})();

test('docs/fleet.md has the quotas, and how many environments fit into each', () => {
  const page = readFileSync(new URL('../../../docs/fleet.md', import.meta.url), 'utf8');
  const rows = page.split('\n').filter((line) => line.includes('](https://docs.aws.amazon.com/'));
  expect(rows).toEqual(quotaRows(types));
});

test('a monitor stays far below the 500 resources that a stack can have', () => {
  expect(types.length).toBeLessThan(100);
});

test('a quota is passed by one resource more than it allows', () => {
  const rules = Array.from({ length: 300 }, () => 'AWS::Events::Rule');
  expect(passedQuotas(rules)).toEqual([]);
  expect(passedQuotas([...rules, 'AWS::Events::Rule'])).toMatchObject([
    { what: 'rules of the default event bus', most: 300, count: 301 },
  ]);
});

test('every quota has a page of AWS as its source', () => {
  for (const { source } of fleetQuotas) {
    expect(source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
  }
});
