import { scanPlan } from '../../infra/scan-plan.ts';
import { packText } from '../../lambda/pack-text.ts';
import { loadDetections } from '../../queries/load-detections.ts';
import { parseQuery } from '../../query-language/parse-query.ts';

const detections = loadDetections();
const everything = { detections: { disable: [] as string[] }, approvedChanges: [] };
const plan = scanPlan(detections, everything);
const idsOf = ({ candidates }: typeof plan) => candidates.map(({ id }) => id);

test('every detection is asked for, the documented literal first', () => {
  const [first, ...others] = idsOf(plan);
  expect(first).toBe('add-role');
  expect(others).toEqual(detections.map(({ id }) => id).filter((id) => id !== 'add-role'));
  expect(packText(plan.candidates).queryString).toContain('| filter @message like "add-role" or ');
});

test('the text of the plan is a query that Logs Insights takes', () => {
  expect(() => parseQuery(packText(plan.candidates).queryString)).not.toThrow();
});

test('the documented literal is evidence only: nothing tells how to read a finding from it', () => {
  expect(plan.detections.map(({ id }) => id)).toEqual(
    detections.map(({ id }) => id).filter((id) => id !== 'add-role'),
  );
});

test('a disabled detection is neither asked nor read; all others are', () => {
  const disabled = 'cli-role-granted';
  const without = scanPlan(detections, { ...everything, detections: { disable: [disabled] } });
  expect(without.candidates).toEqual(plan.candidates.filter(({ id }) => id !== disabled));
  expect(without.detections).toEqual(plan.detections.filter(({ id }) => id !== disabled));
});

test('with all detections disabled there is nothing to ask but the documented query', () => {
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

test('with one detection enabled, the documented literal is asked for beside it', () => {
  const [first = '', ...disable] = plan.detections.map(({ id }) => id);
  const one = scanPlan(detections, { ...everything, detections: { disable } });
  expect(idsOf(one)).toEqual(['add-role', first]);
});
