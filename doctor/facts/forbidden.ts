import type { Decision } from '../policy/evaluate.ts';
import { type Fix, type Judgement, pass, undecided } from '../shapes/judgement.ts';
import type { Facts } from './facts.ts';
import { policiesWith, takeFromRole } from './role-commands.ts';
import { type ExecutionRole, roleMay } from './role-facts.ts';

export interface Forbidden {
  readonly actions: readonly string[];
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | undefined>>;
}

/**
 * Judges requests that the execution role should not be allowed to make.
 *
 * @param sentence what the requests amount to, as the end of "the execution role may …"
 * @param bad the judgement of an allowed request: `fail` or `warn`
 */
export function judgeForbidden(
  facts: Facts,
  role: ExecutionRole,
  forbidden: readonly Forbidden[],
  sentence: string,
  bad: (evidence: string, fix: Fix) => Judgement,
): Judgement[] {
  const decided = forbidden.flatMap(({ actions, resource, context }) =>
    actions.map((action) => ({ action, resource, ...roleMay(role, action, resource, context) })),
  );
  const allowed = decided.filter(({ outcome }) => outcome === 'allowed');
  if (allowed.length > 0) {
    const decision: Decision = {
      outcome: 'allowed',
      statements: allowed.flatMap(({ statements }) => statements),
    };
    return [
      bad(
        `the execution role may ${sentence}: ${actionsOf(allowed)} by ${policiesWith(role, decision).join(', ')}`,
        takeFromRole(facts, role, decision),
      ),
    ];
  }
  const doubtful = decided.filter(({ outcome }) => outcome === 'unknown');
  if (doubtful.length > 0) {
    const decision: Decision = {
      outcome: 'unknown',
      statements: doubtful.flatMap(({ statements }) => statements),
    };
    return [
      undecided(
        `whether the execution role may ${sentence} depends on conditions that the doctor cannot judge: ${actionsOf(doubtful)} by ${policiesWith(role, decision).join(', ')}`,
        takeFromRole(facts, role, decision),
      ),
    ];
  }
  return [pass(`the execution role may not ${sentence}`)];
}

function actionsOf(decided: readonly { readonly action: string }[]): string {
  return [...new Set(decided.map(({ action }) => action))].join(', ');
}
