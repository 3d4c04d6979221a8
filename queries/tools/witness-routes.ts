import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { deriveStream } from '../../lambda/correlate/derive-stream.ts';
import { type FindingRecord, recordFinding } from '../../lambda/findings/finding-record.ts';
import { presentFinding } from '../../lambda/findings/present.ts';
import { streamIdOf } from '../../lambda/ledger/stream-id.ts';
import { observeEvent } from '../../lambda/lines/event-identity.ts';
import type { AirflowState, AuditRow, UserState } from '../../lambda/model/airflow-state.ts';
import type { StateChange } from '../../lambda/model/testimony.ts';
import { type DetectionsById, detectionsById } from '../../lambda/plan/detections-by-id.ts';
import { Verdicts } from '../../lambda/scan/pack-rows.ts';
import { joinFindings } from '../../lambda/testimony/join-findings.ts';
import { stateChanges } from '../../lambda/testimony/state-changes.ts';
import { type EventLog, readAuditRow } from '../../lambda/witness/audit-row.ts';
import { planDetection } from './check-detection.ts';
import { documentedDetectionId, loadDetections } from './load-detections.ts';
import { packCandidates } from './pack-candidates.ts';

/** Recorded on Airflow itself, by the pairs of Airflow and provider that MWAA's images have. */
export const recordedVersions = ['2.10.3', '3.0.6'] as const;

export type RecordedVersion = (typeof recordedVersions)[number];

/** How a change was made: `hidden` leaves no line of it in any log, `control` is no change that matters. */
export type Route = 'hidden' | 'cli' | 'ui' | 'rest' | 'dag' | 'control';

interface RecordedUser {
  readonly username: string;
  readonly email: string;
  readonly active: boolean;
  readonly roles: readonly { readonly name: string }[];
  readonly created_on: string | null;
  readonly last_login: string | null;
}

interface RecordedSnapshot {
  readonly taken_at: string;
  readonly users: readonly RecordedUser[];
  readonly roles: Readonly<Record<string, readonly string[]>>;
}

/** `volatile`: nothing but the time and number of logins. */
export interface RecordedDifference {
  readonly kind: string;
  readonly user?: string;
  readonly role?: string;
  readonly added?: readonly string[];
  readonly removed?: readonly string[];
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** One change, with what was read before and after it. */
export interface RecordedChange {
  readonly id: string;
  readonly description: string;
  readonly route: Route;
  readonly before: string;
  readonly after: string;
  /** What the recorder found by comparing the two snapshots itself. */
  readonly diff: readonly RecordedDifference[];
  readonly eventLogs: readonly EventLog[];
  readonly eventLogsTotalBefore: number;
  readonly eventLogsTotalAfter: number;
  readonly logLines: readonly {
    readonly logGroup: string;
    readonly logStream: string;
    readonly timestamp: number;
    readonly message: string;
  }[];
}

/** A recorded session: its changes one after the other, and the state between them. */
export interface RecordedSession {
  readonly airflow: RecordedVersion;
  readonly changes: readonly RecordedChange[];
  readonly snapshots: Readonly<Record<string, RecordedSnapshot>>;
}

export function loadSession(airflow: RecordedVersion): RecordedSession {
  const file = new URL(`../../test/fixtures/witness/airflow-${airflow}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(fileURLToPath(file))).toString());
}

/** A recorded snapshot as the witness reads it. */
export function stateOfSnapshot({ taken_at, users, roles }: RecordedSnapshot): AirflowState {
  const epochMs = Date.parse(taken_at);
  const read = users.map(
    ({ username, email, active, roles: held, created_on, last_login }): UserState => ({
      ...{ username, email, active },
      roles: held.map(({ name }) => name).sort(),
      ...(created_on && { createdOn: created_on }),
      ...(last_login && { lastLogin: last_login }),
    }),
  );
  return {
    startEpochMs: epochMs,
    endEpochMs: epochMs,
    users: new Map(read.map((user) => [user.username, user])),
    roles: new Map(Object.entries(roles)),
  };
}

/** What each witness says of a change. */
export interface WitnessedChange {
  readonly change: RecordedChange;
  /** The findings of the logs alone. */
  readonly logs: readonly FindingRecord[];
  /** What the audit log has of it. */
  readonly rows: readonly AuditRow[];
  /** What users and roles show. */
  readonly changes: readonly StateChange[];
  /** All findings, when both witnesses are joined. */
  readonly joined: readonly FindingRecord[];
}

const environment = 'Prod';
const region = 'eu-west-1';
const correlateSeconds = 180;
const alertAt = 'medium';

/** The pack, ready to read recorded lines. */
export interface RoutesPack {
  readonly detections: DetectionsById;
  readonly verdicts: Verdicts;
}

export function routesPack(): RoutesPack {
  const pack = loadDetections().filter(({ id }) => id !== documentedDetectionId);
  return {
    detections: detectionsById({ detections: pack.map(planDetection) }),
    verdicts: new Verdicts(packCandidates(pack)),
  };
}

/** Reads a recorded change with both witnesses, as the deployed function does. */
export function witnessedChange(
  session: RecordedSession,
  change: RecordedChange,
  pack: RoutesPack,
  { withState = true }: { readonly withState?: boolean } = {},
): WitnessedChange {
  const [before, after] = [change.before, change.after].map((name) => {
    const snapshot = session.snapshots[name];
    if (snapshot === undefined) throw new Error(`${change.id}: no snapshot ${name}`);
    return stateOfSnapshot(snapshot);
  });
  if (before === undefined || after === undefined) throw new Error(`${change.id}: no snapshots`);
  const logs = findingsOf(change, session.airflow, pack);
  const rows = change.eventLogs.flatMap((row) => readAuditRow(row, after.endEpochMs) ?? []);
  const changes = stateChanges({ before, after, isUpgrade: false });
  const intervals = withState ? [{ before, after, changes }] : [];
  const now = joinFindings(
    { rows, intervals, records: logs },
    {
      correlateMs: correlateSeconds * 1000,
      isSettled: () => true,
      surroundings: { environment, region, tickEpochMs: after.endEpochMs, alertAt },
    },
  );
  const ids = new Set(now.map(({ finding }) => finding.id));
  const joined = [...logs.filter(({ finding }) => !ids.has(finding.id)), ...now];
  return { change, logs, rows, changes, joined };
}

/** What the pack finds in the recorded lines, as the ledger stores it. */
function findingsOf(
  { logLines }: RecordedChange,
  airflowVersion: string,
  { detections, verdicts }: RoutesPack,
): FindingRecord[] {
  const seen = logLines.flatMap((line) => {
    const found = verdicts.decide({ ...line, log: line.logGroup }).detections;
    if (found.length === 0) return [];
    const context = { detections, airflowVersion };
    const event = observeEvent({ ...line, detections: found, occurrences: 1 }, context);
    return event.signals.length === 0 ? [] : [event];
  });
  const streams = [...Map.groupBy(seen, streamIdOf)];
  return streams.flatMap(([streamId, events]) =>
    deriveStream(events, Number.MAX_SAFE_INTEGER, { environment, correlateSeconds })
      .changes.filter(({ severity }) => severity !== 'info')
      .map((change) => {
        const { anchorKey, anchorEpochMs, verb } = change;
        const detectedAtEpochMs = anchorEpochMs;
        const finding = presentFinding(change, {
          environment,
          region,
          detections,
          detectedAtEpochMs,
        });
        const logGroup = events[0]?.logGroup ?? '';
        const place = { logGroup, streamId, anchorKey, anchorEpochMs };
        const given = { finding, ...place, ...(verb && { verb }), approved: false };
        return recordFinding(undefined, given, { sliceKey: 'recorded', alertAt });
      }),
  );
}
