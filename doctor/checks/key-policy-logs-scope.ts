import type { Check } from '../check.ts';
import { pass, toDo, warn } from '../judgement.ts';
import { judgeKeyPolicy } from '../key-facts.ts';
import { addStatement, logsStatement } from '../key-policy-commands.ts';
import { logsMayUseKey, logsService } from '../key-policy-evaluation.ts';
import { statementName } from '../policy/evaluate.ts';
import type { PolicyStatement } from '../policy/policy-document.ts';
import { matchesWildcard } from '../policy/wildcard.ts';

/** Of nobody: AWS gives no such ID. */
const foreignAccount = '000000000000';

export const keyPolicyLogsScope: Check = {
  id: 'key-policy-logs-scope',
  area: 'key policy',
  title: 'CloudWatch Logs may do no more than that with the key',
  meaning:
    'The statement of MWAA’s guide ends in `:*:*`, which lets CloudWatch Logs use the key for log groups of every account; and a service that may put the key’s policy can change all of this.',
  look: (facts) =>
    judgeKeyPolicy(facts, (policy, place) => {
      const statement = logsStatement(place, facts.observed.mwaaEnvironment);
      const fix = toDo(
        'Put the narrow statement in place of the wide one: this adds it; take the other one out.',
        ...addStatement(place, statement),
      );
      const foreign = `arn:${place.partition}:logs:${place.region}:${foreignAccount}:log-group:any`;
      const wide = logsMayUseKey(policy, place, foreign, 'kms:Decrypt');
      const service = logsService(place.region).name;
      const judgements =
        wide.outcome === 'allowed'
          ? [
              warn(
                `${wide.statements.map(statementName).join(' and ')} lets ${service} use the key for log groups of any account`,
                fix,
              ),
            ]
          : [];
      const ruling = policy.statements.filter((one) => letsLogsRule(one));
      judgements.push(
        ...ruling.map((one) =>
          warn(
            `${statementName(one)} lets CloudWatch Logs put the key’s policy (kms:PutKeyPolicy), which it never needs`,
            fix,
          ),
        ),
      );
      return judgements.length > 0
        ? judgements
        : [pass('it is limited to log groups of this account')];
    }),
};

function letsLogsRule({ Effect, Principal = {}, Action = [] }: PolicyStatement): boolean {
  const services = Principal === '*' ? [] : (Principal.Service ?? []);
  return (
    Effect === 'Allow' &&
    services.some((name) => name.startsWith('logs.')) &&
    Action.some((action) => matchesWildcard(action.toLowerCase(), 'kms:putkeypolicy'))
  );
}
