import type { Check } from '../../facts/check.ts';
import { environmentKey, type Facts } from '../../facts/facts.ts';
import { judgeForbidden } from '../../facts/forbidden.ts';
import { awsOwnedKey, judgeKeyPolicy } from '../../facts/key-facts.ts';
import { roleMayUseKey } from '../../facts/key-policy-evaluation.ts';
import { type ExecutionRole, judgeRole } from '../../facts/role-facts.ts';
import { statementName } from '../../policy/evaluate.ts';
import { forRoleItself } from '../../policy/principals.ts';
import { awsCommand } from '../../shapes/commands.ts';
import { fail, type Judgement, pass, toDo } from '../../shapes/judgement.ts';

const actions = [
  'kms:PutKeyPolicy',
  'kms:CreateGrant',
  'kms:RevokeGrant',
  'kms:DisableKey',
  'kms:ScheduleKeyDeletion',
];

export const roleKeyPolicy: Check = {
  id: 'role-key-policy',
  area: 'execution role',
  title: 'The execution role may not administer the key',
  meaning:
    'With kms:PutKeyPolicy, which a widely copied example gives to the role, any DAG can share the key with anyone, or take it away from CloudWatch Logs and so blind the monitor. MWAA does not need it.',
  look: (facts) => {
    const own = environmentKey(facts);
    if (facts.observed.environment.kind === 'known' && own === undefined) return awsOwnedKey;
    return judgeRole(facts, (role) => {
      const resource = own?.arn ?? own?.name ?? '*';
      // The example limits the actions to calls through services that never make them. It is wrong
      // all the same, and one edit away from being dangerous.
      const via = [
        undefined,
        ...['sqs', 's3'].map((name) => `${name}.${facts.observed.region}.amazonaws.com`),
      ];
      const forbidden = via.map((service) => ({
        actions,
        resource,
        context: { 'kms:ViaService': service, 'kms:CallerAccount': facts.account },
      }));
      return [
        ...judgeForbidden(facts, role, forbidden, 'administer the key', fail),
        ...byKeyPolicy(facts, role, via),
      ];
    });
  },
};

/** A key policy that names the role itself needs no policy of the role. */
function byKeyPolicy(
  facts: Facts,
  role: ExecutionRole,
  via: readonly (string | undefined)[],
): readonly Judgement[] {
  const judged = judgeKeyPolicy(facts, (policy, place) => {
    const own = forRoleItself(policy, role.arn);
    const allowing = via.flatMap((service) =>
      actions.map((action) => ({
        action,
        ...roleMayUseKey(own, place, role.arn, action, service),
      })),
    );
    const allowed = allowing.filter(({ outcome }) => outcome === 'allowed');
    if (allowed.length === 0)
      return [pass('the key policy does not let the execution role administer it')];
    const names = new Set(allowed.map(({ action }) => action));
    const by = new Set(allowed.flatMap(({ statements }) => statements.map(statementName)));
    return [
      fail(
        `the key policy lets the execution role administer the key: ${[...names].join(', ')} by ${[...by].join(', ')}`,
        toDo(
          'Remove the actions from the statement; this command shows the policy.',
          awsCommand(
            facts.observed,
            'kms get-key-policy',
            `--key-id ${place.keyArn} --policy-name default --query Policy --output text`,
          ),
        ),
      ),
    ];
  });
  return typeof judged === 'string' ? [] : judged;
}
