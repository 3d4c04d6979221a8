import type { DetectionInPlan } from '../../lambda/findings/detection-in-plan.ts';
import type { PackQuery, ScanPlan } from '../../lambda/scan-plan.ts';

/** A column of the simulated pack: what its flag looks for in a line. */
export const flagTexts = {
  d00: 'add-role',
  d01: 'added to role',
  d02: 'airflow users',
  d03: 'is already a member of role',
} as const;

type Column = keyof typeof flagTexts;

const detectionIds: Readonly<Record<Column, string>> = {
  d00: 'add-role',
  d01: 'cli-role-granted',
  d02: 'privilege-command-run',
  d03: 'privilege-command-failed',
};

const about = { attack: ['T1098.003'], runbook: 'docs/runbooks/privilege-command.md' };

/** Of each kind of line that belongs together one detection, read as the real ones are. */
const detections: readonly DetectionInPlan[] = [
  {
    ...about,
    id: detectionIds.d01,
    title: 'Airflow CLI granted a role',
    severity: 'high',
    raise: [{ when: { role: ['Admin'] }, severity: 'critical' }],
    signal: 'outcome',
    verb: 'grant-role',
    parse: [
      {
        source: 'User "([^"]+)" added to role "([^"]+)"',
        groups: { target: 1, role: 2 },
      },
    ],
    anchors: [flagTexts.d01],
  },
  {
    ...about,
    id: detectionIds.d02,
    title: 'A command that changes privileges was run',
    severity: 'medium',
    raise: [],
    signal: 'command',
    parse: [],
    anchors: [flagTexts.d02],
  },
  {
    ...about,
    id: detectionIds.d03,
    title: 'An Airflow command that changes privileges failed',
    severity: 'info',
    raise: [],
    signal: 'failure',
    verb: 'grant-role',
    parse: [
      {
        source: 'User "([^"]+)" is already a member of role "([^"]+)"',
        groups: { target: 1, role: 2 },
      },
    ],
    anchors: [flagTexts.d03],
  },
];

export const documentedQuery = 'the documented query';

function packText(...columns: readonly Column[]): PackQuery {
  const flags = Object.fromEntries(columns.map((column) => [column, detectionIds[column]]));
  return { queryString: `the pack of ${columns.join(', ')}`, flags };
}

/** A text with its parts, one column each; a part's answer holds twice as much. */
function partedText(packRowsMax: number, ...columns: readonly Column[]): PackQuery {
  const parts = columns.map((column) => ({
    ...packText(column),
    queryString: `the part of ${column}`,
    rowsMax: 2 * packRowsMax,
  }));
  return { ...packText(...columns), parts };
}

/** Texts of a plan that are asked last, where everything larger was cut off. */
export function smallestTexts({ packQueries }: Pick<ScanPlan, 'packQueries'>): string[] {
  return packQueries.flatMap((query) =>
    query.parts === undefined ? [query.queryString] : smallestTexts({ packQueries: query.parts }),
  );
}

/** The pack as one text, or parted into two as a large one is. */
export function simulatedPlan(texts: 1 | 2, packRowsMax: number): ScanPlan {
  return {
    schema: 1,
    documentedQuery,
    packQueries:
      texts === 1
        ? [partedText(packRowsMax, 'd00', 'd01', 'd02', 'd03')]
        : [partedText(packRowsMax, 'd00', 'd01'), partedText(packRowsMax, 'd02', 'd03')],
    packRowsMax,
    detections: [...detections],
    approvedChanges: [],
  };
}
