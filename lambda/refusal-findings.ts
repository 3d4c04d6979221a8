import { cutText } from './cut-text.ts';
import type { DetectionInPlan } from './findings/detection-in-plan.ts';
import type { OwnFinding } from './findings/own-finding.ts';
import { escaped } from './findings/show-text.ts';
import type { KnownTexts, Refusal, RefusedDetection } from './refused-texts.ts';
import { iso } from './time.ts';

/** What the findings about refused texts speak of. */
export interface RefusalSubject {
  readonly planHash: string;
  readonly detections: readonly Pick<DetectionInPlan, 'id' | 'title'>[];
  /** Those that are read. */
  readonly logGroups: readonly string[];
  /** Where the slice begins that was asked for. */
  readonly sinceEpochMs: number;
  /** By detection, from when on the events of a refused one are not looked for. @default sinceEpochMs */
  readonly refusedSince: ReadonlyMap<string, number>;
  /** The tick in which the whole text was asked last. */
  readonly triedEpochMs: number;
  readonly tickEpochMs: number;
}

const titleCharactersMax = 1_000;

/** Whether nothing is accepted that could make a finding: the pack as a whole is refused. */
export function isAllRefused(
  { accepted }: Pick<KnownTexts, 'accepted'>,
  detections: readonly Pick<DetectionInPlan, 'id'>[],
): boolean {
  const asked = new Set(accepted.flat());
  return detections.length > 0 && !detections.some(({ id }) => asked.has(id));
}

/**
 * What people are told of texts that AWS refuses: one finding a detection, or a single one when nothing
 * else is left; and one when what is accepted needs several texts.
 *
 * A refusal is told again each day on which the whole text was asked and refused: what goes unseen goes
 * on, and nobody may remember the alarm that has been ringing since the first day. That several texts are
 * needed is told once a plan, since nothing goes unseen.
 */
export function refusalFindings(
  { refused, accepted, open }: KnownTexts,
  subject: RefusalSubject,
): OwnFinding[] {
  // What the search has not come to yet waits to be read, and other alarms tell of that.
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
      `Logs Insights refuses the query of detection ${named}: from ${iso(sinceEpochMs)} on its events are not looked for (asked last at ${iso(triedEpochMs)}); the documented query and the ${left} others go on`,
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
      `Logs Insights refuses the queries of all ${detections.length} detections: privilege changes since ${iso(sinceEpochMs)} wait to be read until it takes them; only the documented query goes on`,
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
    title: `Logs Insights takes the detections in ${accepted.length} queries only (${lists}), not in one: nothing is missed, and each of them scans, and bills, the same bytes`,
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

/** The words of AWS last: they are cut first. */
function shown(sentence: string, { message, excerpt }: Refusal): string {
  const at = excerpt === undefined ? '' : ` at ${excerpt}`;
  return cutText(`${sentence}. AWS says: ${escaped(message)}${escaped(at)}`, titleCharactersMax);
}

/** `2026-11-22`, in UTC. */
function dayOf(epochMs: number): string {
  return iso(epochMs).slice(0, 10);
}
