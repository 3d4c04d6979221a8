import { scanPlan } from '../../../infra/function/scan-plan.ts';
import { packText } from '../../../lambda/query/pack-text.ts';
import { loadDetections } from '../../../queries/tools/load-detections.ts';
import { parseQuery } from '../../../query-language/parser/parse-query.ts';

const detections = loadDetections();
const everything = { detections: { disable: [] as string[] }, approvedChanges: [] };
const plan = scanPlan(detections, everything);
const idsOf = ({ candidates }: typeof plan) => candidates.map(({ id }) => id);

test('every detection is in the plan, after the documented literal', () => {
  const [first, ...others] = idsOf(plan);
  expect(first).toBe('add-role');
  expect(others).toEqual(detections.map(({ id }) => id).filter((id) => id !== 'add-role'));
  expect(packText(plan.candidates).queryString).toContain('| filter @message like "add-role" or ');
});

test("the plan's text is a query that Logs Insights accepts", () => {
  expect(() => parseQuery(packText(plan.candidates).queryString)).not.toThrow();
});

test('the documented literal is evidence only: no detection reads it', () => {
  expect(plan.detections.map(({ id }) => id)).toEqual(
    detections.map(({ id }) => id).filter((id) => id !== 'add-role'),
  );
});

test('a disabled detection is neither queried nor read; all others are', () => {
  const disabled = 'cli-role-granted';
  const without = scanPlan(detections, { ...everything, detections: { disable: [disabled] } });
  expect(without.candidates).toEqual(plan.candidates.filter(({ id }) => id !== disabled));
  expect(without.detections).toEqual(plan.detections.filter(({ id }) => id !== disabled));
});

test('with all detections disabled only the documented query is left', () => {
  const disable = plan.detections.map(({ id }) => id);
  const {
    candidates,
    detections: read,
    documentedQuery,
  } = scanPlan(detections, {
    ...everything,
    detections: { disable },
  });
  expect({ candidates, read, documentedQuery }).toEqual({
    ...{ candidates: [], read: [], documentedQuery: plan.documentedQuery },
  });
});

test('with one detection enabled, the documented literal is queried with it', () => {
  const [first = '', ...disable] = plan.detections.map(({ id }) => id);
  const one = scanPlan(detections, { ...everything, detections: { disable } });
  expect(idsOf(one)).toEqual(['add-role', first]);
});
