import type { Check } from '../check.ts';
import { environmentKey } from '../facts.ts';
import { judgeForbidden } from '../forbidden.ts';
import { fail } from '../judgement.ts';
import { awsOwnedKey } from '../key-facts.ts';
import { judgeRole } from '../role-facts.ts';

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
      const via = [undefined, `sqs.${facts.observed.region}.amazonaws.com`];
      const forbidden = via.map((service) => ({
        actions,
        resource,
        context: { 'kms:ViaService': service, 'kms:CallerAccount': facts.account },
      }));
      return judgeForbidden(facts, role, forbidden, 'rule the key', fail);
    });
  },
};
