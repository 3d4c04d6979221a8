import type { Check } from '../check.ts';
import { awsCommand } from '../commands.ts';
import { environmentKey, type Facts } from '../facts.ts';
import { judgeForbidden } from '../forbidden.ts';
import { fail, type Judgement, pass, toDo } from '../judgement.ts';
import { awsOwnedKey, judgeKeyPolicy } from '../key-facts.ts';
import { roleMayUseKey } from '../key-policy-evaluation.ts';
import { statementName } from '../policy/evaluate.ts';
import { forRoleItself } from '../policy/principals.ts';
import { type ExecutionRole, judgeRole } from '../role-facts.ts';

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
  title: 'The execution role may not rule the key',
  meaning:
    'kms:PutKeyPolicy, which an often copied example gives to the role, lets every DAG give the key to anyone, or take it from CloudWatch Logs and so blind the monitor. MWAA does not need it.',
  look: (facts) => {
    const own = environmentKey(facts);
    if (facts.observed.environment.kind === 'known' && own === undefined) return awsOwnedKey;
    return judgeRole(facts, (role) => {
      const resource = own?.arn ?? own?.name ?? '*';
      // The example limits it to calls through services, which none of them makes: it is wrong all
      // the same, and one edit away from being dangerous.
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
        ...judgeForbidden(facts, role, forbidden, 'rule the key', fail),
        ...byKeyPolicy(facts, role, via),
      ];
    });
  },
};

/** The key's policy may name the role itself, and then no policy of the role is needed. */
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
      return [pass('the key policy does not let the execution role rule it')];
    const names = new Set(allowed.map(({ action }) => action));
    const by = new Set(allowed.flatMap(({ statements }) => statements.map(statementName)));
    return [
      fail(
        `the key policy lets the execution role rule the key: ${[...names].join(', ')} by ${[...by].join(', ')}`,
        toDo(
          'Take the actions out of the statement; this shows the policy.',
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
