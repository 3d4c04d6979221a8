import { logGroupName, logTypes } from '../../../lambda/model/log-types.ts';
import { type Check, foreignAccount } from '../../facts/facts.ts';
import { judgeKeyPolicy, logGroupArn } from '../../facts/key-facts.ts';
import {
  addStatement,
  allowLogsStatement,
  changePolicy,
  type KeyPlace,
  logsActions,
  logsMayUseKey,
  logsService,
  removeStatement,
  replaceLogsStatements,
  together,
} from '../../facts/key-policy-evaluation.ts';
import { type Decision, statementName } from '../../policy/evaluate.ts';
import type { PolicyDocument, PolicyStatement } from '../../policy/policy-document.ts';
import { matchesWildcard } from '../../policy/wildcard.ts';
import {
  type Fix,
  fail,
  type Judgement,
  pass,
  toDo,
  undecided,
  warn,
} from '../../shapes/judgement.ts';

/** Without these two no event can be written or read; the documentation lists three more. */
const needed: readonly string[] = ['kms:Decrypt', 'kms:GenerateDataKey'];

export const keyPolicyLogs: Check = {
  id: 'key-policy-logs',
  area: 'key policy',
  title: 'CloudWatch Logs may use the key for the five log groups',
  meaning:
    'CloudWatch Logs encrypts MWAA’s log groups with this key. Without the permission the groups cannot be created, or events can neither be written nor read.',
  look: (facts) =>
    judgeKeyPolicy(facts, (policy, place) =>
      together(
        logTypes.map((logType) => {
          const name = logGroupName(facts.observed.mwaaEnvironment, logType);
          const decisions = logsActions.map((action) => ({
            action,
            ...logsMayUseKey(policy, place, logGroupArn(facts, name), action),
          }));
          return [name, judgeDecisions(decisions, { policy, place, facts })];
        }),
      ),
    ),
};

type Context = {
  readonly policy: PolicyDocument;
  readonly place: KeyPlace;
  readonly facts: { readonly observed: { readonly mwaaEnvironment: string } };
};

function judgeDecisions(
  decisions: readonly (Decision & { readonly action: string })[],
  context: Context,
): Judgement {
  const service = logsService(context.place.region).name;
  const refused = decisions.filter(
    ({ outcome }) => outcome === 'denied' || outcome === 'not-allowed',
  );
  const actions = refused.map(({ action }) => action).join(', ');
  if (refused.length > 0) {
    const denied = refused.find(({ outcome }) => outcome === 'denied');
    const why = denied
      ? `${denied.statements.map(statementName).join(' and ')} denies it`
      : (nearMiss(context) ?? 'no statement allows it');
    const evidence = `the key policy refuses ${actions} to ${service} for {}: ${why}`;
    const fix = denied ? takeAway(denied, context) : add(context);
    return refused.some(({ action }) => needed.includes(action))
      ? fail(evidence, fix)
      : warn(evidence, fix);
  }
  const doubtful = decisions.find(({ outcome }) => outcome === 'unknown');
  if (doubtful) {
    return undecided(
      `whether the key policy allows ${service} to use the key for {} cannot be determined from ${doubtful.statements.map(statementName).join(' and ')}`,
      add(context),
    );
  }
  return pass(`${service} may use the key for {}`);
}

/** Why a statement that was meant to allow it does not; undefined without such a statement. */
function nearMiss({ policy, place }: Context): string | undefined {
  const service = logsService(place.region).name;
  for (const statement of policy.statements) {
    const { Effect, Principal = {}, Condition } = statement;
    const services = Principal === '*' ? [] : (Principal.Service ?? []);
    if (Effect !== 'Allow' || !services.some((name) => name.startsWith('logs.'))) continue;
    if (!services.includes(service)) {
      return `${statementName(statement)} is for ${services.join(', ')}`;
    }
    const wanted = Object.values(Condition ?? {}).flatMap((keys) => Object.entries(keys));
    const conditions = wanted.map(([key, values]) => `${key} ${values.join(' or ')}`).join(', ');
    return conditions === ''
      ? `${statementName(statement)} does not include it`
      : `${statementName(statement)} does not apply: its condition requires ${conditions}`;
  }
  return undefined;
}

function add({ place, facts }: Context): Fix {
  return toDo(
    'Add the statement from MWAA’s guide, limited to these log groups.',
    ...addStatement(place, allowLogsStatement(place, facts.observed.mwaaEnvironment)),
  );
}

function takeAway({ statements }: Decision, { place }: Context): Fix {
  const [sid] = statements.flatMap(({ Sid }) => Sid ?? []);
  return sid === undefined
    ? toDo(
        'Remove the statement that denies it from the policy, or exempt CloudWatch Logs from it.',
        ...changePolicy(place, '.'),
      )
    : toDo(
        `Remove statement "${sid}" from the policy, or exempt CloudWatch Logs from it.`,
        ...removeStatement(place, sid),
      );
}

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
      const wide = accountsBeside(policy, place.account).flatMap((account) => {
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
          whose: accounts.includes(foreignAccount(place.account))
            ? 'any account'
            : accounts.join(' and '),
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

/** An account that is any, and every account named in the policy except its own. */
function accountsBeside(policy: PolicyDocument, own: string): string[] {
  const named = JSON.stringify(policy).match(/(?<![\w-])\d{12}(?![\w-])/g) ?? [];
  return [...new Set([foreignAccount(own), ...named])].filter((account) => account !== own);
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
