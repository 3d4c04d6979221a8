import { auditPlan } from '../../../cli/audit/prepare-audit.ts';
import { environmentSchema } from '../../../infra/config/environment-config.ts';

function planOf(fields: object) {
  return auditPlan(environmentSchema.parse({ mwaaEnvironment: 'prod', ...fields }));
}

const approval = {
  ...{
    dag: 'grant_admin',
    verb: ['sync-permissions'],
    reason: 'r',
    owner: 'o',
    expires: '2099-01-01',
  },
};

test('without a file, every detection is used and nothing is approved', () => {
  const { plan, correlateSeconds, alertAt, hash } = auditPlan(undefined);
  expect(plan).toEqual(planOf({}).plan);
  expect(plan.approvedChanges).toEqual([]);
  expect({ correlateSeconds, alertAt }).toEqual({ correlateSeconds: 180, alertAt: 'medium' });
  expect(hash).toBe(planOf({}).hash);
});

test('a file disables detections and configures how to judge', () => {
  const id = 'permissions-synced';
  const { plan, ...judging } = planOf({
    detections: { disable: [id] },
    approvedChanges: [approval],
    correlateSeconds: 60,
    alertAt: 'high',
  });
  expect(auditPlan(undefined).plan.candidates.map((one) => one.id)).toContain(id);
  expect(plan.candidates.map((one) => one.id)).not.toContain(id);
  expect(plan.approvedChanges).toEqual([approval]);
  expect(judging).toMatchObject({ correlateSeconds: 60, alertAt: 'high' });
});

test('settings that change only the judgement do not invalidate a state', () => {
  const changed = planOf({ approvedChanges: [approval], correlateSeconds: 60, alertAt: 'high' });
  expect(changed.hash).toBe(planOf({}).hash);
  expect(planOf({ detections: { disable: ['permissions-synced'] } }).hash).not.toBe(changed.hash);
});
