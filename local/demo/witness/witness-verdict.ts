import { auditLogSource, stateSource } from '../../../lambda/findings/with-testimony.ts';
import type { FindingResult } from '../result/demo-result.ts';
import type { WitnessedChange } from './witness-session.ts';

/** Which witnesses told a change. */
export type Seen = Pick<WitnessedChange, 'logs' | 'auditLog' | 'snapshot'>;

/** A change of the session, and the findings that tell it. */
export interface ChangeResult {
  readonly change: WitnessedChange;
  readonly findings: readonly FindingResult[];
  readonly seen: Seen;
}

export function changeResults(
  changes: readonly WitnessedChange[],
  findings: readonly FindingResult[],
): ChangeResult[] {
  return changes.map((change) => {
    const own = findings.filter((finding) => tells(finding, change));
    const sources = new Set(
      own.flatMap(({ evidence }) => evidence.map(({ logGroup }) => logGroup)),
    );
    return {
      change,
      findings: own,
      seen: {
        logs: [...sources].some((source) => source !== auditLogSource && source !== stateSource),
        auditLog: sources.has(auditLogSource),
        snapshot: sources.has(stateSource),
      },
    };
  });
}

function tells({ target, role }: FindingResult, change: WitnessedChange): boolean {
  const names = (listed: string | undefined) => (listed ?? '').split(', ');
  const isPublic = change.object === change.role;
  return names(role).includes(change.role) && (isPublic || names(target).includes(change.object));
}

/** @returns one sentence for each disagreement; none when each change was told once, by who can tell it */
export function witnessDisagreements(
  results: readonly ChangeResult[],
  findings: readonly FindingResult[],
): string[] {
  const told = new Set(results.flatMap((result) => result.findings.map(({ id }) => id)));
  return [
    ...results.flatMap(({ change, findings: own, seen }) => [
      ...(own.length === 1
        ? []
        : [`${change.what} (${change.object}): ${own.length} findings tell it, not one`]),
      ...(['logs', 'auditLog', 'snapshot'] as const).flatMap((witness) =>
        seen[witness] === change[witness]
          ? []
          : [
              `${change.what} (${change.object}): ${witness} ${change[witness] ? 'should tell it and does not' : 'tells it and should not'}`,
            ],
      ),
    ]),
    ...findings
      .filter(({ id }) => !told.has(id))
      .map(({ id, title }) => `finding ${id} tells nothing that was changed: ${title}`),
  ];
}
