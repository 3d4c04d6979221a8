import type { PolicyDocument, PolicyStatement } from '../../../doctor/policy/policy-document.ts';
import type { DeployedPolicy } from './policy/deployed-access.ts';

/** A policy without one part of it. */
export interface Removal {
  /** `policy P: PublishFindings: action sns:Publish` */
  readonly what: string;
  readonly policy: DeployedPolicy;
  readonly document: PolicyDocument;
}

/**
 * Every policy that lacks one part: a statement, and of each statement an action, a resource, a
 * principal, a condition, or a value of a condition. A part that is the only one of its list goes with
 * the statement.
 */
export function removalsOf(policy: DeployedPolicy): Removal[] {
  const { statements } = policy.document;
  return statements.flatMap((statement, at) => {
    const named = `${policy.name}: ${statement.Sid ?? `statement ${at}`}`;
    const without = (what: string, changed?: PolicyStatement): Removal => ({
      what: what === '' ? named : `${named}: ${what}`,
      policy,
      document: {
        statements: statements.flatMap((one) => (one === statement ? (changed ?? []) : [one])),
      },
    });
    return [without(''), ...partsOf(statement).map(([what, changed]) => without(what, changed))];
  });
}

function partsOf(statement: PolicyStatement): [what: string, changed: PolicyStatement][] {
  return [
    ...lists.flatMap((element) =>
      eachLeftOut(statement[element] ?? []).map(([gone, left]): [string, PolicyStatement] => [
        `${element} ${gone}`,
        { ...statement, [element]: left },
      ]),
    ),
    ...principalsLeftOut(statement),
    ...conditionsLeftOut(statement),
  ];
}

const lists = ['Action', 'NotAction', 'Resource', 'NotResource'] as const;

/** A list without one of its values; none for a list of one. */
function eachLeftOut(values: readonly string[]): [gone: string, left: string[]][] {
  if (values.length < 2) return [];
  return values.map((gone) => [gone, values.filter((value) => value !== gone)]);
}

function principalsLeftOut(statement: PolicyStatement): [string, PolicyStatement][] {
  const { Principal } = statement;
  if (Principal === undefined || Principal === '*') return [];
  return Object.entries(Principal).flatMap(([type, names]) =>
    eachLeftOut(names).map(([gone, left]): [string, PolicyStatement] => [
      `Principal ${gone}`,
      { ...statement, Principal: { ...Principal, [type]: left } },
    ]),
  );
}

function conditionsLeftOut(statement: PolicyStatement): [string, PolicyStatement][] {
  const { Condition = {} } = statement;
  return Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).flatMap(([key, values]) => {
      const { [key]: _, ...others } = keys;
      const changed = (given: Record<string, string[]>): PolicyStatement => ({
        ...statement,
        Condition: { ...Condition, [operator]: given },
      });
      return [
        [`Condition ${operator} ${key}`, changed(others)],
        ...eachLeftOut(values).map(([gone, left]) => [
          `Condition ${operator} ${key} ${gone}`,
          changed({ ...others, [key]: left }),
        ]),
      ] as [string, PolicyStatement][];
    }),
  );
}
