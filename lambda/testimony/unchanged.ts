import { minuteMs } from '../common/time.ts';
import type { FindingRecord } from '../findings/finding-record.ts';
import type { AirflowState } from '../model/airflow-state.ts';
import type { StateChange } from '../model/testimony.ts';
import type { Verb } from '../model/verbs.ts';

/** Verbs whose effect users and roles show. A password, and rights on the database, are not among it. */
const visibleVerbs: ReadonlySet<Verb> = new Set([
  ...(['grant-role', 'revoke-role', 'create-user', 'delete-user'] as const),
  ...(['create-role', 'delete-role', 'add-permissions', 'remove-permissions'] as const),
]);

/** How long a command may take from its first line to its effect. */
const effectWithinMs = minuteMs;

/**
 * Whether two readings around a command of unknown outcome show the same of the user or role that it names.
 * The command may have failed, or somebody undid it before the second reading: that looks the same.
 */
export function isStateUnchanged(
  { finding, verb, testimony }: FindingRecord,
  {
    before,
    after,
    changes,
  }: {
    readonly before: AirflowState;
    readonly after: AirflowState;
    readonly changes: readonly StateChange[];
  },
): boolean {
  const { outcome, target, role } = finding;
  if (outcome !== 'unknown' || verb === undefined || !visibleVerbs.has(verb)) return false;
  if (testimony !== undefined && testimony.changes.length > 0) return false;
  const isWithin =
    Date.parse(finding.firstSeen) >= before.endEpochMs &&
    Date.parse(finding.lastSeen) + effectWithinMs <= after.startEpochMs;
  const names = [target, role].filter((name) => name !== undefined);
  return (
    isWithin &&
    names.length > 0 &&
    !changes.some(
      ({ name, aliases = [] }) =>
        names.includes(name) || aliases.some((other) => names.includes(other)),
    )
  );
}
