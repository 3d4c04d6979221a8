import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { environmentSchema } from '../../infra/environment-config.ts';
import { MonitorStack } from '../../infra/monitor-stack.ts';
import { passesNote, scanPlan } from '../../infra/scan-plan.ts';
import { InputError } from '../../queries/checked-yaml.ts';
import { loadDetections } from '../../queries/load-detections.ts';
import { parseQuery } from '../../query-language/parse-query.ts';
import { newApp, withoutBundling } from './synthesized.ts';

const detections = loadDetections();
const everything = { detections: { disable: [] as string[] }, approvedChanges: [] };
const plan = scanPlan(detections, everything);
const flagged = (packQueries: typeof plan.packQueries) =>
  packQueries.flatMap(({ flags }) => Object.values(flags));

test('every detection is asked by exactly one flag, the documented literal by the first', () => {
  const [first, ...others] = flagged(plan.packQueries);
  expect(first).toBe('add-role');
  expect(others).toEqual(detections.map(({ id }) => id).filter((id) => id !== 'add-role'));
  expect(plan.packQueries[0]?.queryString).toMatch(/^fields @message like "add-role" as d00, /);
});

test('every text of the plan is a query that Logs Insights takes', () => {
  for (const { queryString } of plan.packQueries)
    expect(() => parseQuery(queryString)).not.toThrow();
});

test('the documented literal is evidence only: nothing tells how to read a finding from it', () => {
  expect(plan.detections.map(({ id }) => id)).toEqual(
    detections.map(({ id }) => id).filter((id) => id !== 'add-role'),
  );
});

test('a disabled detection is neither asked nor read; all others are', () => {
  const disabled = 'cli-role-granted';
  const without = scanPlan(detections, { ...everything, detections: { disable: [disabled] } });
  const others = flagged(plan.packQueries).filter((id) => id !== disabled);
  expect(flagged(without.packQueries)).toEqual(others);
  expect(without.detections).toEqual(plan.detections.filter(({ id }) => id !== disabled));
});

test('a detection whose filter fills a text alone is bad input, named', () => {
  const [detection] = detections.filter(({ id }) => id === 'cli-role-granted');
  if (detection === undefined) throw new Error('no such detection');
  const query = `filter @message like "${'x'.repeat(9_950)}"`;
  const withLong = [...detections.filter(({ id }) => id === 'add-role'), { ...detection, query }];
  expect(() => scanPlan(withLong, everything)).toThrow(InputError);
  expect(() => scanPlan(withLong, everything)).toThrow('cli-role-granted: its filter alone');
});

test('more than one text is more than one scan of the bytes, and said so', () => {
  const [packQuery = { queryString: '', flags: {} }] = plan.packQueries;
  expect(passesNote({ packQueries: [packQuery] })).toBeUndefined();
  expect(passesNote({ packQueries: [packQuery, packQuery] })).toContain(
    'scans the log groups 2 times',
  );
});

test.each([
  ['fits one text', 1, 0],
  ['fills two texts', 6_000, 1],
])(
  'the synthesis tells of the scans of a pack that %s only where there are more',
  (_pack, characters, notes) => {
    const long = detections.map((detection) =>
      ['cli-role-granted', 'cli-privilege-command'].includes(detection.id)
        ? { ...detection, query: `filter @message like "${'x'.repeat(characters)}"` }
        : detection,
    );
    const config = environmentSchema.parse({
      mwaaEnvironment: 'prod',
      notify: { email: ['oncall@example.com'] },
    });
    const stack = new MonitorStack(newApp(withoutBundling), 'Monitor', {
      config,
      detections: long,
    });
    const found = Annotations.fromStack(stack).findInfo(
      '*',
      Match.stringLikeRegexp('scans the log groups'),
    );
    expect(found).toHaveLength(notes);
  },
);
