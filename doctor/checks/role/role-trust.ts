import { type Check, type Facts, foreignAccount } from '../../facts/facts.ts';
import { judgeTrust } from '../../facts/role-facts.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { contextOf, type PolicyDocument } from '../../policy/policy-document.ts';
import {
  awsCommand,
  type Fix,
  fail,
  type Judgement,
  pass,
  shellJson,
  toDo,
  undecided,
  warn,
} from '../../shapes/judgement.ts';

/** https://docs.aws.amazon.com/mwaa/latest/userguide/mwaa-create-role.html */
const services = ['airflow.amazonaws.com', 'airflow-env.amazonaws.com'];

export const roleTrust: Check = {
  id: 'role-trust',
  area: 'execution role',
  title: 'Only MWAA, for this environment, may assume the execution role',
  meaning:
    'Anyone who may assume the role can read and write what DAGs can. Without a condition on the source, another account’s environment could make MWAA assume it (the confused deputy problem).',
  look: (facts) =>
    judgeTrust(facts, (trust, { RoleName = '' }) => {
      const fix = trustFix(facts, RoleName);
      const judgements = [
        ...services.flatMap((service) => judgeService(facts, trust, service, fix)),
        ...judgeOthers(trust, fix),
      ];
      return judgements.length > 0
        ? judgements
        : [
            pass(
              `${services.join(' and ')} may, for ${isForOneOnly(facts, trust) ? 'this environment' : 'environments of this account'} only`,
            ),
          ];
    }),
};

interface Source {
  readonly service: string;
  readonly sourceAccount: string;
  /** The environment's name. */
  readonly name: string;
}

/** The trust policy's decision when MWAA assumes the role for an environment. */
function outcomeFor(
  { observed, partition }: Facts,
  trust: PolicyDocument,
  { service, sourceAccount, name }: Source,
) {
  return evaluate([trust], {
    principal: { kind: 'service', name: service },
    action: 'sts:AssumeRole',
    resource: 'the role itself',
    context: contextOf({
      'aws:SourceAccount': sourceAccount,
      'aws:SourceArn': `arn:${partition}:airflow:${observed.region}:${sourceAccount}:environment/${name}`,
    }),
  }).outcome;
}

function isForOneOnly(facts: Facts, trust: PolicyDocument): boolean {
  const other = { sourceAccount: facts.account, name: `${facts.observed.mwaaEnvironment}-other` };
  return services.every((service) => outcomeFor(facts, trust, { service, ...other }) !== 'allowed');
}

function judgeService(facts: Facts, trust: PolicyDocument, service: string, fix: Fix): Judgement[] {
  const { account, observed } = facts;
  const mayAssume = (sourceAccount: string) =>
    outcomeFor(facts, trust, { service, sourceAccount, name: observed.mwaaEnvironment });
  const own = mayAssume(account);
  if (own === 'unknown') {
    return [
      undecided(
        `whether ${service} may assume the role depends on conditions that the doctor cannot judge`,
        fix,
      ),
    ];
  }
  if (own !== 'allowed') return [fail(`${service} may not assume the role`, fix)];
  return mayAssume(foreignAccount(account)) === 'allowed'
    ? [warn(`${service} may assume the role for environments of any account`, fix)]
    : [];
}

function judgeOthers({ statements }: PolicyDocument, fix: Fix): Judgement[] {
  const others = statements.flatMap(({ Effect, Principal = {}, NotPrincipal }) => {
    if (Effect !== 'Allow') return [];
    if (NotPrincipal !== undefined || Principal === '*') return ['everyone'];
    return Object.entries(Principal).flatMap(([type, names]) =>
      type === 'Service' ? names.filter((name) => !services.includes(name)) : names,
    );
  });
  return others.map((name) => warn(`${name} may assume the role too`, fix));
}

function trustFix({ observed, partition, account }: Facts, roleName: string): Fix {
  return toDo(
    'Set the trust policy from MWAA’s guide; give a separate role to anyone else who needs these permissions.',
    awsCommand(
      observed,
      'iam update-assume-role-policy',
      `--role-name ${roleName}`,
      `--policy-document ${shellJson({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: services },
            Action: 'sts:AssumeRole',
            Condition: {
              ArnLike: {
                'aws:SourceArn': `arn:${partition}:airflow:${observed.region}:${account}:environment/${observed.mwaaEnvironment}`,
              },
              StringEquals: { 'aws:SourceAccount': account },
            },
          },
        ],
      })}`,
    ),
  );
}
