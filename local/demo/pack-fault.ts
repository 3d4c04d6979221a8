import type { ScanPlan } from '../../lambda/scan-plan.ts';
import type { QueryFaultRule } from '../aws-endpoints/logs/query-fault.ts';
import type { DemoResult, FindingResult, PackFault, TickResult } from './demo-result.ts';
import { SessionError } from './session.ts';

type Plan = Pick<ScanPlan, 'documentedQuery' | 'candidates'>;

/**
 * Does that to queries.
 *
 * @throws SessionError for a detection that the plan has not
 */
export function packFaultRule(fault: PackFault, plan: Plan): QueryFaultRule {
  const refused = refusedBy(fault, plan);
  return ({ queryString }) => {
    if (queryString === plan.documentedQuery) return undefined;
    if (fault.kind === 'fail-pack') return { kind: 'failed' };
    if (fault.kind === 'refuse-pack') return { kind: 'malformed', message: 'unknown command' };
    for (const { id, filter, literals = [] } of refused) {
      const found = [filter ?? [], literals].flat().find((text) => queryString.includes(text));
      if (found === undefined) continue;
      const start = queryString.indexOf(found);
      const message = `the regular expression of ${id} does not compile`;
      return { kind: 'malformed', message, span: { start, end: start + found.length } };
    }
    return undefined;
  };
}

/** The plan as far as AWS answers it. */
export function answeredCandidates(fault: PackFault, plan: Plan): Plan['candidates'] {
  if (fault.kind !== 'refuse-detections') return [];
  const refused = new Set(refusedBy(fault, plan));
  return plan.candidates.filter((candidate) => !refused.has(candidate));
}

function refusedBy(fault: PackFault, { candidates }: Plan): Plan['candidates'] {
  if (fault.kind !== 'refuse-detections') return [];
  const ids = candidates.map(({ id }) => id);
  const unknown = fault.detections.filter((id) => !ids.includes(id));
  if (unknown.length > 0) {
    throw new SessionError(
      `the pack has no detection ${unknown.join(', ')}: it has ${ids.join(', ')}`,
    );
  }
  return candidates.filter(({ id }) => fault.detections.includes(id));
}

/** A run with such a fault, and what it is held to. */
export interface FaultyRun {
  readonly fault: PackFault;
  readonly ticks: readonly TickResult[];
  readonly findings: readonly FindingResult[];
  readonly ownFindings: readonly FindingResult[];
  /** Ids of the findings that the other detections make. */
  readonly expectedIds: ReadonlySet<string>;
  /** Of DetectionsRefused, in the last tick. */
  readonly detectionsRefused: number | undefined;
  /** Detections and the documented literal. */
  readonly candidates: number;
}

/**
 * Holds a run to what its fault leaves.
 *
 * @returns one sentence a disagreement; none when the findings of all other detections were told and no
 *   others, people were told of each refusal once, the metric counts them, and a pack that stands still
 *   fails each tick
 */
export function packFaultDisagreements(run: FaultyRun): string[] {
  const { fault, ticks, findings, ownFindings, expectedIds, detectionsRefused } = run;
  const told = new Set(findings.map(({ id }) => id));
  const refusals = ownFindings.filter(({ detections }) => detections[0] === 'detection-refused');
  const refused = refusedCount(fault, run.candidates);
  const refusalsExpected = fault.kind === 'refuse-pack' ? 1 : refused;
  const silent = ticks.filter(({ missed, error }) => !missed && error === undefined);
  return [
    ...[...expectedIds]
      .filter((id) => !told.has(id))
      .map((id) => `finding ${id}: other detections see it, and nobody was told`),
    ...[...told]
      .filter((id) => !expectedIds.has(id))
      .map((id) => `finding ${id}: it was told, and only what is refused or failed sees it`),
    ...(refusals.length === refusalsExpected
      ? []
      : [`${refusals.length} findings tell of a refusal, ${refusalsExpected} were expected`]),
    ...refusals
      .filter(({ notifiedAs }) => notifiedAs.length !== 1)
      .map(({ id }) => `finding ${id}: a refusal was told more than once`),
    ...(detectionsRefused === refused
      ? []
      : [`DetectionsRefused is ${detectionsRefused} in the last tick, not ${refused}`]),
    ...(fault.kind === 'refuse-detections' || silent.length === 0
      ? []
      : [`${silent.length} ticks succeeded, although the pack could not be read`]),
  ];
}

/** How many detections are not watched for their texts. */
function refusedCount(fault: PackFault, candidates: number): number {
  if (fault.kind === 'refuse-detections') return fault.detections.length;
  return fault.kind === 'refuse-pack' ? candidates : 0;
}

/** What a run with such a fault did without, for a person. */
export function packFaultFacts(
  fault: PackFault,
  undisturbed: readonly string[],
  expectedIds: ReadonlySet<string>,
): NonNullable<DemoResult['packFault']> {
  return { ...fault, missing: undisturbed.filter((id) => !expectedIds.has(id)).length };
}
