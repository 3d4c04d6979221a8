import type { ScanPlan } from '../../../lambda/plan/scan-plan.ts';
import type { QueryFaultRule } from '../../aws-endpoints/logs/query-store.ts';
import type { DemoResult, FindingResult, PackFault, TickResult } from '../result/demo-result.ts';
import { SessionError } from '../session/session.ts';

type Plan = Pick<ScanPlan, 'documentedQuery' | 'candidates'>;

/**
 * Injects the fault into queries.
 *
 * @throws SessionError for a detection that the plan does not have
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

/** The candidates whose queries are answered. */
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

/** A run with such a fault, and what is expected of it. */
interface FaultyRun {
  readonly fault: PackFault;
  readonly ticks: readonly TickResult[];
  readonly findings: readonly FindingResult[];
  readonly ownFindings: readonly FindingResult[];
  /** Ids of the findings of the other detections. */
  readonly expectedIds: ReadonlySet<string>;
  /** The value of DetectionsRefused in the last tick. */
  readonly detectionsRefused: number | undefined;
  /** Number of detections, plus the documented literal. */
  readonly candidates: number;
}

/**
 * Compares a run with what its fault should leave.
 *
 * @returns one sentence per disagreement; none when exactly the findings of all other detections
 *   were notified, each refusal was notified once, the metric counts them, and each tick failed if
 *   the whole pack cannot be read
 */
export function packFaultDisagreements(run: FaultyRun): string[] {
  const { fault, ticks, findings, ownFindings, expectedIds, detectionsRefused } = run;
  const notified = new Set(findings.map(({ id }) => id));
  const refusals = ownFindings.filter(({ detections }) => detections[0] === 'detection-refused');
  const refused = refusedCount(fault, run.candidates);
  const refusalsExpected = fault.kind === 'refuse-pack' ? 1 : refused;
  const silent = ticks.filter(({ missed, error }) => !missed && error === undefined);
  return [
    ...[...expectedIds]
      .filter((id) => !notified.has(id))
      .map((id) => `finding ${id}: other detections find it, but it was not notified`),
    ...[...notified]
      .filter((id) => !expectedIds.has(id))
      .map((id) => `finding ${id}: it was notified, but only refused or failed queries find it`),
    ...(refusals.length === refusalsExpected
      ? []
      : [`findings about a refusal: ${refusals.length}, expected ${refusalsExpected}`]),
    ...refusals
      .filter(({ notifiedAs }) => notifiedAs.length !== 1)
      .map(({ id }) => `finding ${id}: a refusal was notified more than once`),
    ...(detectionsRefused === refused
      ? []
      : [`DetectionsRefused is ${detectionsRefused} in the last tick, not ${refused}`]),
    ...(fault.kind === 'refuse-detections' || silent.length === 0
      ? []
      : [
          `${silent.length === 1 ? '1 tick' : `${silent.length} ticks`} succeeded, although the pack could not be read`,
        ]),
  ];
}

/** The number of detections whose queries are refused. */
function refusedCount(fault: PackFault, candidates: number): number {
  if (fault.kind === 'refuse-detections') return fault.detections.length;
  return fault.kind === 'refuse-pack' ? candidates : 0;
}

/** The fault and the number of findings that it cost. */
export function packFaultFacts(
  fault: PackFault,
  undisturbed: readonly string[],
  expectedIds: ReadonlySet<string>,
): NonNullable<DemoResult['packFault']> {
  return { ...fault, missing: undisturbed.filter((id) => !expectedIds.has(id)).length };
}
