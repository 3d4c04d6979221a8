import { readFileSync } from 'node:fs';
import { builtInRoles } from '../../../lambda/model/strong-permissions.ts';
import type { StateChange } from '../../../lambda/model/testimony.ts';
import {
  loadSession,
  type RecordedDifference,
  recordedVersions,
  routesPack,
  type WitnessedChange,
  witnessedChange,
} from '../../../queries/tools/witness-routes.ts';
import { routeCounts } from '../../../queries/tools/witness-section.ts';

const pack = routesPack();

/** By version and change: what the audit log shows, what the state shows, what the findings say. */
const expected: Record<
  string,
  Record<string, { audit: string[]; state: string[]; findings: string[] }>
> = JSON.parse(
  readFileSync(new URL('../../fixtures/witness/expected.json', import.meta.url), 'utf8'),
);

export function summaryOf({ rows, changes, joined }: WitnessedChange) {
  return {
    audit: rows.map(({ event }) => event),
    state: changes.map(({ object, name, kind, role, severity, because }) =>
      [object, name, kind, ...(role ? [role] : []), severity, ...(because ? [because] : [])].join(
        ' ',
      ),
    ),
    findings: joined.map(({ finding: { severity, outcome, title, target, role } }) =>
      [severity, outcome, title, target ?? '-', role ?? '-'].join(' | '),
    ),
  };
}

describe.each(recordedVersions)('Airflow %s', (airflow) => {
  const session = loadSession(airflow);
  const witnessed = session.changes.map((change) => witnessedChange(session, change, pack));

  test('53 changes were recorded', () => {
    expect(witnessed).toHaveLength(53);
  });

  test.each(witnessed.map((one) => [one.change.id, one] as const))(
    '%s: audit log, state and findings',
    (id, one) => {
      expect(summaryOf(one)).toEqual(expected[airflow]?.[id]);
    },
  );

  test.each(witnessed.map((one) => [one.change.id, one] as const))(
    '%s: the state shows what the recorder saw, but for what Airflow does by itself',
    (_, { change, changes }) => {
      expect(namesIn(changes)).toEqual(expectedNames(change.diff));
    },
  );

  test('no control makes a finding', () => {
    const controls = witnessed.filter(({ change }) => change.route === 'control');
    expect(controls.length).toBeGreaterThanOrEqual(6);
    expect(controls.flatMap(({ joined }) => joined)).toEqual([]);
  });

  test('every finding that relies on the witness says that it is experimental', () => {
    for (const { joined } of witnessed) {
      for (const { finding, testimony } of joined) {
        if (testimony === undefined || testimony.changes.length === 0) continue;
        expect(finding.title).toMatch(/\(experimental\)$/);
        expect(finding.title.match(/experimental/g)).toHaveLength(1);
        expect(finding.evidence.at(-1)?.logGroup).toMatch(/experimental/);
      }
    }
  });

  test('no change of the state is told by itself that a log line explains', () => {
    const isAlone = ({ finding }: { finding: { detections: readonly string[] } }) =>
      finding.detections.includes('state-change');
    for (const { change, joined } of witnessed) {
      if (change.route === 'hidden') continue;
      expect(joined.filter(isAlone)).toEqual([]);
    }
  });
});

/** Users and roles of which something changed. */
function namesIn(changes: readonly StateChange[]): string[] {
  const all = changes.flatMap(({ object, name, kind, aliases }) => [
    `${object} ${name}`,
    ...(kind === 'renamed' ? [`user ${aliases?.at(-1)}`] : []),
  ]);
  return [...new Set(all)].sort();
}

function expectedNames(diff: readonly RecordedDifference[]): string[] {
  const all = diff
    .filter((difference) => !isByItself(difference))
    .map(({ user, role }) => (user === undefined ? `role ${role}` : `user ${user}`));
  return [...new Set(all)].sort();
}

/** The time of a login, first and last names, and what any start of Airflow writes. */
function isByItself({
  kind,
  fields,
  role = '',
  added = [],
  removed = [],
}: RecordedDifference): boolean {
  if (kind === 'volatile') return true;
  if (kind === 'user-fields') return fields?.active === undefined;
  if (kind !== 'role-permissions' || removed.length > 0) return false;
  const isCustom = !builtInRoles.has(role);
  return role === 'Admin' || (isCustom && added.every((each) => each === 'can_read on Website'));
}

test.each([
  ['2.10.3', { changes: 28, logs: 0, auditLog: 12, snapshot: 23, joined: 26, withoutSnapshot: 12 }],
  ['3.0.6', { changes: 27, logs: 0, auditLog: 12, snapshot: 22, joined: 25, withoutSnapshot: 12 }],
] as const)(
  'of the hidden changes of %s, the logs show none and the two witnesses together most',
  (airflow, counts) => {
    expect(routeCounts(airflow).find(({ route }) => route === 'hidden')).toEqual({
      route: 'hidden',
      ...counts,
    });
  },
);

test.each(recordedVersions)(
  'a web form or REST call of %s is one finding, with what it changed',
  (airflow) => {
    const session = loadSession(airflow);
    const made = session.changes.filter(({ route }) => route === 'ui' || route === 'rest');
    expect(made).toHaveLength(15);
    for (const change of made) {
      const { joined, changes } = witnessedChange(session, change, pack);
      expect(joined).toHaveLength(1);
      // A password is not in the state.
      expect(joined[0]?.testimony?.changes ?? []).toHaveLength(changes.length);
      expect(changes.length > 0).toBe(change.id !== 'ui_reset_password');
    }
  },
);
