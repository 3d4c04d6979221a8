import { createHash } from 'node:crypto';
import type { Finding } from '../model/finding.ts';
import type { Severity } from '../model/severity.ts';
import type { SideDestination } from '../plan/runtime-config.ts';
import type { FindingRecord } from './finding-record.ts';
import { insightsQueryLink, logGroupLink } from './links.ts';

/** What the monitor reports about itself, in the same way as a privilege change. */
export const ownDetections = [
  'coverage-gap',
  'log-flood',
  'coverage-changed',
  'log-group-silent',
  'unreadable-row',
  'unreadable-item',
  'change-flood',
  'detection-refused',
  'approved-changes',
  'audit-rows-missing',
  'witness-blind',
  'witness-baseline',
] as const;

export type OwnDetection = (typeof ownDetections)[number];

export interface OwnFinding {
  readonly detection: OwnDetection;
  /** Two findings with the same identity are the same finding. */
  readonly identity: readonly (string | number)[];
  readonly severity: Severity;
  readonly title: string;
  /** At least one. */
  readonly logGroups: readonly string[];
  /** The time span that it is about. */
  readonly startEpochMs: number;
  readonly endEpochMs: number;
}

interface Surroundings {
  readonly environment: string;
  readonly region: string;
  readonly tickEpochMs: number;
  /** Where findings go beside the topic for people. @default nowhere */
  readonly sides?: readonly SideDestination[];
}

/** The ledger's partition for such findings. */
const ownStreamId = 'monitor';

/** Disabling or not having logs: MITRE ATT&CK T1562.008, "Impair Defenses: Disable Cloud Logs". */
const attack = ['T1562.008'];

/** They hide something by other means than disabling the log. */
const withoutTechnique: ReadonlySet<OwnDetection> = new Set([
  'log-flood',
  'unreadable-row',
  'change-flood',
  'detection-refused',
  'approved-changes',
  'witness-blind',
  'witness-baseline',
]);

/** Deleting what shows it: MITRE ATT&CK T1070, "Indicator Removal". */
const removal = ['T1070'];

export function isOwnDetection(id: string | undefined): id is OwnDetection {
  return ownDetections.some((detection) => detection === id);
}

/**
 * The record of such a finding: it is sent whatever `alertAt` is, and counts in no metric of
 * privilege changes. Its id depends only on what it is about, so that it is sent once.
 */
export function ownRecord(own: OwnFinding, surroundings: Surroundings): FindingRecord {
  const { streamId, anchorEpochMs, finding } = ownRecordKey(own, surroundings.environment);
  const { id } = finding;
  return {
    finding: ownFinding(own, id, surroundings),
    logGroup: own.logGroups[0] ?? '',
    ...{ streamId, anchorKey: id, anchorEpochMs },
    approved: false,
    unknownPublishes: 0,
    delivery: { status: 'pending' },
    ...Object.fromEntries((surroundings.sides ?? []).map((side) => [side, { status: 'pending' }])),
    revision: 0,
  };
}

/** Where the ledger stores such a finding. */
export function ownRecordKey(
  { detection, identity }: Pick<OwnFinding, 'detection' | 'identity'>,
  environment: string,
) {
  const id = createHash('sha256')
    .update(JSON.stringify([environment, detection, ...identity]))
    .digest('hex')
    .slice(0, 32);
  // Only the id identifies it: the span of a flood grows.
  return { streamId: ownStreamId, anchorEpochMs: 0, finding: { id } };
}

function ownFinding(own: OwnFinding, id: string, surroundings: Surroundings): Finding {
  const { environment, region, tickEpochMs } = surroundings;
  const { detection, severity, title, logGroups, startEpochMs, endEpochMs } = own;
  const span = { region, firstEpochMs: startEpochMs, lastEpochMs: endEpochMs };
  return {
    schema: 1,
    id,
    environment,
    severity,
    title,
    detections: [detection],
    attack: attackOf(detection),
    actor: {},
    firstSeen: new Date(startEpochMs).toISOString(),
    lastSeen: new Date(endEpochMs).toISOString(),
    detectedAt: new Date(tickEpochMs).toISOString(),
    late: false,
    outcome: 'unknown',
    evidence: [],
    links: {
      logStream: logGroupLink(region, logGroups[0] ?? ''),
      insights: insightsQueryLink(span, logGroups, volumeQuery),
    },
    runbook: `docs/runbooks/${detection}.md`,
  };
}

function attackOf(detection: OwnDetection): readonly string[] {
  if (detection === 'audit-rows-missing') return removal;
  return withoutTechnique.has(detection) ? [] : attack;
}

/** How much was logged, minute by minute: shows a gap or a flood at a glance. */
const volumeQuery = 'stats count() as events by bin(1m) as minute | sort minute asc';
