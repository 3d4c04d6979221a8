import { scanPlan } from '../../infra/function/scan-plan.ts';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';
import { loadDetections } from '../../queries/tools/load-detections.ts';
import type { LogLine } from './log-line.ts';
import { readQueryText } from './services/query-text.ts';

/** The text that the documented query looks for. */
export const documentedLiteral = 'add-role';

export const documentedQuery = 'the documented query';

const all = loadDetections();
const plan = scanPlan(all, { detections: { disable: [] } });

/** The detections that AWS could refuse; AWS is known to accept the documented query. */
export const refusableIds = all.map(({ id }) => id).filter((id) => id !== documentedLiteral);

/** All detections that are queried. */
export const detectionIds = plan.candidates.map(({ id }) => id);

/** The detections whose query finds a line when run alone; cached, for lines repeat often. */
export function detectionsOf(line: LogLine): ReadonlySet<string> {
  const known = decided.get(line);
  if (known !== undefined) return known;
  const found = new Set(
    all
      .filter(({ logTypes }) => logTypes.some((type) => line.logGroup.endsWith(`-${type}`)))
      .filter(({ query }) => readQueryText(query).finds(line))
      .map(({ id }) => id),
  );
  decided.set(line, found);
  return found;
}

const decided = new WeakMap<LogLine, ReadonlySet<string>>();

const idsByText = new Map<string, readonly string[]>();

/** The detections in a query text, recognized by their conditions in the plan. */
export function detectionsIn(queryString: string): readonly string[] {
  const known = idsByText.get(queryString);
  if (known !== undefined) return known;
  const [, filter = ''] = / \| filter (.+) \| sort @timestamp asc/s.exec(queryString) ?? [];
  const members = ` or ${filter} or `;
  const found = plan.candidates
    .filter((candidate) => {
      const { literals, filter: own } = candidate;
      if (own !== undefined) return members.includes(` or ${own} or `);
      return literals?.every((literal) => filter.includes(literal)) === true;
    })
    .map(({ id }) => id);
  idsByText.set(queryString, found);
  return found;
}

/** Rows that a text of one detection is asked for, for each of an answer to more of them. */
const partRowsFactor = 10;

/** More lines of one detection in one second than any answer holds. */
export function leastLost(packRowsMax: number): number {
  return partRowsFactor * packRowsMax;
}

/** One in this many schedules has an approval, for one of its DAGs. */
const approvedOneIn = 3;

const approvedChanges: ScanPlan['approvedChanges'] = [
  {
    ...{ dag: 'dag0', verb: ['grant-role', 'update-user'], user: ['*'], role: ['*'] },
    ...{ reason: 'OPS-1', owner: 'platform', expires: '2099-12-31' },
  },
];

/** The detections of the product, with answers of fewer rows. */
export function simulatedPlan(packRowsMax: number, seed: number): ScanPlan {
  return {
    ...{ ...plan, documentedQuery, packRowsMax },
    approvedChanges: seed % approvedOneIn === 0 ? approvedChanges : [],
  };
}
