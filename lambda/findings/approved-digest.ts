import { cutText } from '../common/text.ts';
import { dayMs } from '../common/time.ts';
import type { Evidence, Finding } from '../model/finding.ts';
import type { SideDestination } from '../plan/runtime-config.ts';
import { escaped } from '../text/show-text.ts';
import type { FindingRecord } from './finding-record.ts';
import { type OwnFinding, ownRecord, ownRecordKey } from './own-finding.ts';

/** The monitor's daily finding that lists the changes that were not sent because of an approval. */
const detection = 'approved-changes';

interface Surroundings {
  readonly environment: string;
  readonly region: string;
  readonly tickEpochMs: number;
  readonly sides?: readonly SideDestination[];
}

/** Where the ledger stores a day's digest: its id depends on the day and the environment only. */
export function approvedDigestKey(dayEpochMs: number, environment: string) {
  return ownRecordKey({ detection, identity: [dayEpochMs] }, environment);
}

/** What a day's digest lists. */
export interface ApprovedList {
  /** Start of the UTC day on which they were recorded, in epoch milliseconds. */
  readonly dayEpochMs: number;
  /** The listed changes, at least one. */
  readonly lines: readonly Evidence[];
  /** How many more there are. */
  readonly omitted: number;
  /** `omitted` is only a lower bound. */
  readonly isAtLeast: boolean;
  readonly logGroups: readonly string[];
}

/** A day's digest as the ledger stores it until it is sent. */
export function approvedDigest(
  { dayEpochMs, lines, omitted, isAtLeast, logGroups }: ApprovedList,
  surroundings: Surroundings,
): FindingRecord {
  const count = lines.length + omitted;
  const day = new Date(dayEpochMs).toISOString().slice(0, 10);
  const number = `${isAtLeast ? 'at least ' : ''}${count}`;
  const what = `${number} approved privilege ${count === 1 ? 'change was' : 'changes were'}`;
  const rest = omitted === 0 ? '' : `; ${lines.length} are listed, the others are not`;
  const own: OwnFinding = {
    detection,
    identity: [dayEpochMs],
    severity: 'low',
    title: `${what} recorded on ${day} (UTC) and not sent${rest}`,
    logGroups,
    startEpochMs: dayEpochMs,
    endEpochMs: dayEpochMs + dayMs - 1,
  };
  const record = ownRecord(own, surroundings);
  return { ...record, finding: { ...record.finding, evidence: lines } };
}

/**
 * Limits for one line of the digest, in UTF-16 units: the title, and the reasons of the approvals.
 */
const titleCharactersMax = 300;
const reasonsCharactersMax = 300;

/** An approved finding as a line of its day's digest: time, severity, title, approvals and id. */
export function approvedLine({ finding, silenced }: FindingRecord): Evidence | undefined {
  const [first] = finding.evidence;
  if (first === undefined || silenced === undefined) return undefined;
  const { id, severity, title, firstSeen } = finding;
  const reasons = cutText(escaped(silenced.reasons.join('; ')), reasonsCharactersMax);
  const what = cutText(escaped(title), titleCharactersMax);
  return {
    logGroup: first.logGroup,
    logStream: first.logStream,
    timestamp: firstSeen,
    message: `${severity.toUpperCase()} ${what}; approved: ${reasons} [${id}]`,
    occurrences: 1,
  };
}

/** The lines of a day's digest, a text for each; empty for any other finding. */
export function approvedLines({ detections, evidence }: Finding): string[] {
  if (detections[0] !== detection) return [];
  return evidence.map(({ timestamp, message }) => {
    return `${timestamp.replace('T', ' ').replace('Z', ' UTC')}  ${message}`;
  });
}
