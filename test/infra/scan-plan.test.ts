import { passesNote, scanPlan } from '../../infra/scan-plan.ts';
import { InputError } from '../../queries/checked-yaml.ts';
import { loadDetections } from '../../queries/load-detections.ts';
import { parseQuery } from '../../query-language/parse-query.ts';

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
