import type { Check } from '../../facts/check.ts';
import { judgeKeyPolicy } from '../../facts/key-facts.ts';
import { allowLogsStatement, replaceLogsStatements } from '../../facts/key-policy-commands.ts';
import { logsActions, logsMayUseKey, logsService } from '../../facts/key-policy-evaluation.ts';
import { type Decision, statementName } from '../../policy/evaluate.ts';
import type { PolicyDocument, PolicyStatement } from '../../policy/policy-document.ts';
import { matchesWildcard } from '../../policy/wildcard.ts';
import { type Judgement, pass, toDo, undecided, warn } from '../../shapes/judgement.ts';

export const keyPolicyLogsScope: Check = {
  id: 'key-policy-logs-scope',
  area: 'key policy',
  title: 'CloudWatch Logs may use the key for nothing else',
  meaning:
    'The statement in MWAA’s guide ends in `:*:*`, which lets CloudWatch Logs use the key for log groups of every account. A service that may put the key’s policy can change all of this.',
  look: (facts) =>
    judgeKeyPolicy(facts, (policy, place) => {
      const statement = allowLogsStatement(place, facts.observed.mwaaEnvironment);
      const fix = toDo(
        'Replace the wide statement with the narrow one; review the output of the second command before you put it.',
        ...replaceLogsStatements(place, statement),
      );
      const service = logsService(place.region).name;
      const wide = foreignAccounts(policy, place.account).flatMap((account) => {
        const group = `arn:${place.partition}:logs:${place.region}:${account}:log-group:any`;
        return logsActions.map((action) => ({
          account,
          ...logsMayUseKey(policy, place, group, action, account),
        }));
      });
      const of = (outcome: Decision['outcome']) => {
        const some = wide.filter((decision) => decision.outcome === outcome);
        const names = some.flatMap(({ statements }) => statements.map(statementName));
        const accounts = [...new Set(some.map(({ account }) => account))];
        return {
          names: [...new Set(names)].join(' and '),
          whose: accounts.includes(anybody) ? 'any account' : accounts.join(' and '),
        };
      };
      const letting = of('allowed');
      const doubtful = of('unknown');
      const judgements: Judgement[] = [];
      if (letting.names !== '') {
        judgements.push(
          warn(
            `${letting.names} lets ${service} use the key for log groups of ${letting.whose}`,
            fix,
          ),
        );
      } else if (doubtful.names !== '') {
        judgements.push(
          undecided(
            `whether ${service} may use the key for log groups of ${doubtful.whose} cannot be determined from ${doubtful.names}`,
            fix,
          ),
        );
      }
      const ruling = policy.statements.filter((one) => letsLogsRule(one));
      judgements.push(
        ...ruling.map((one) =>
          warn(
            `${statementName(one)} lets CloudWatch Logs put the key’s policy (kms:PutKeyPolicy), which it never has to`,
            fix,
          ),
        ),
      );
      return judgements.length > 0
        ? judgements
        : [pass('its use of the key is limited to log groups of this account')];
    }),
};

/** An account ID that AWS never assigns: what its log groups may do, any account's may do. */
const anybody = '000000000000';

/** Any account, and every account named in the policy except its own. */
function foreignAccounts(policy: PolicyDocument, own: string): string[] {
  const named = JSON.stringify(policy).match(/(?<![\w-])\d{12}(?![\w-])/g) ?? [];
  return [...new Set([anybody, ...named])].filter((account) => account !== own);
}

function letsLogsRule(statement: PolicyStatement): boolean {
  const { Effect, Principal = {}, Action, NotAction } = statement;
  const services = Principal === '*' ? [] : (Principal.Service ?? []);
  const isNamed = (names: readonly string[]) =>
    names.some((action) => matchesWildcard(action.toLowerCase(), 'kms:putkeypolicy'));
  return (
    Effect === 'Allow' &&
    services.some((name) => name.startsWith('logs.')) &&
    (Action !== undefined ? isNamed(Action) : NotAction !== undefined && !isNamed(NotAction))
  );
}
