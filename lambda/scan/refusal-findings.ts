import { cutText } from '../common/text.ts';
import { iso } from '../common/time.ts';
import type { OwnFinding } from '../findings/own-finding.ts';
import {
  isAllRefused,
  type KnownTexts,
  type Refusal,
  type RefusedDetection,
} from '../model/refused-texts.ts';
import type { DetectionInPlan } from '../plan/scan-plan.ts';
import { escaped } from '../text/show-text.ts';

/** What the findings about refused texts are about. */
interface RefusalSubject {
  readonly planHash: string;
  readonly detections: readonly Pick<DetectionInPlan, 'id' | 'title'>[];
  /** The log groups that are read. */
  readonly logGroups: readonly string[];
  /** The start of the slice that was queried. */
  readonly sinceEpochMs: number;
  /** By refused detection, since when its events are not searched for. @default sinceEpochMs */
  readonly refusedSince: ReadonlyMap<string, number>;
  /** The tick in which the whole text was last tried. */
  readonly triedEpochMs: number;
  readonly tickEpochMs: number;
}

const titleCharactersMax = 1_000;

/**
 * The findings about texts that AWS refuses: one per detection, or a single one if all are refused; and
 * one if the accepted detections need several texts.
 *
 * A refusal is reported again each day on which the whole text was tried and refused: the blind spot
 * persists, and nobody may remember the alarm that has been on since the first day. That several texts are
 * needed is reported once per plan, since nothing is missed.
 */
export function refusalFindings(
  { refused, accepted, open }: KnownTexts,
  subject: RefusalSubject,
): OwnFinding[] {
  // The search for the refused detections is not finished; other alarms report the delay.
  if (open.length > 0) return [];
  const { detections } = subject;
  const [first] = refused;
  if (first !== undefined && isAllRefused({ accepted }, detections)) {
    return [wholePackFinding(first, subject)];
  }
  const asked = new Set(accepted.flat());
  const left = detections.filter(({ id }) => asked.has(id)).length;
  const several = accepted.length > 1 ? [severalTexts(accepted, subject)] : [];
  return [...refused.map((one) => refusedFinding(one, left, subject)), ...several];
}

function refusedFinding(
  { id, ...refusal }: RefusedDetection,
  left: number,
  subject: RefusalSubject,
): OwnFinding {
  const { planHash, detections, triedEpochMs } = subject;
  const title = detections.find((detection) => detection.id === id)?.title;
  const named = title === undefined ? id : `${id} (${title})`;
  const sinceEpochMs = refusedSince(id, subject);
  return {
    ...about(subject, sinceEpochMs),
    identity: [planHash, id, dayOf(triedEpochMs)],
    severity: 'high',
    title: shown(
      `Logs Insights refuses the query of detection ${named}: its events have not been searched for since ${iso(sinceEpochMs)} (last tried at ${iso(triedEpochMs)}); the documented query and ${left} other ${left === 1 ? 'detection goes' : 'detections go'} on`,
      refusal,
    ),
  };
}

function wholePackFinding(refusal: Refusal, subject: RefusalSubject): OwnFinding {
  const { planHash, detections, triedEpochMs } = subject;
  const sinceEpochMs = Math.min(...detections.map(({ id }) => refusedSince(id, subject)));
  return {
    ...about(subject, sinceEpochMs),
    identity: [planHash, 'whole pack', dayOf(triedEpochMs)],
    severity: 'critical',
    title: shown(
      `Logs Insights refuses the queries of all ${detections.length} detections: privilege changes since ${iso(sinceEpochMs)} are not read until it accepts them; only the documented query goes on`,
      refusal,
    ),
  };
}

function severalTexts(accepted: KnownTexts['accepted'], subject: RefusalSubject): OwnFinding {
  const lists = accepted.map((list) => list.length).join(' + ');
  return {
    ...about(subject, subject.sinceEpochMs),
    identity: [subject.planHash, 'several texts'],
    severity: 'low',
    title: `Logs Insights accepts the detections only as ${accepted.length} queries (${lists}), not as one: nothing is missed, but each query scans, and bills, the same bytes`,
  };
}

function refusedSince(id: string, { refusedSince: known, sinceEpochMs }: RefusalSubject): number {
  return known.get(id) ?? sinceEpochMs;
}

function about({ logGroups, tickEpochMs }: RefusalSubject, sinceEpochMs: number) {
  return {
    detection: 'detection-refused',
    logGroups,
    startEpochMs: sinceEpochMs,
    endEpochMs: Math.max(sinceEpochMs, tickEpochMs),
  } as const;
}

/** The title, with AWS's words last: they are cut first. */
function shown(sentence: string, { message, excerpt }: Refusal): string {
  const at = excerpt === undefined ? '' : ` at ${excerpt}`;
  return cutText(`${sentence}. AWS says: ${escaped(message)}${escaped(at)}`, titleCharactersMax);
}

/** `2026-11-22`, in UTC. */
function dayOf(epochMs: number): string {
  return iso(epochMs).slice(0, 10);
}
