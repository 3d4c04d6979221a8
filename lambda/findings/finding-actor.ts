import { createHash } from 'node:crypto';
import { logTypeOf } from '../model/actor.ts';
import type { Finding } from '../model/finding.ts';
import { type LogType, logTypes } from '../model/log-types.ts';
import type { Severity } from '../model/severity.ts';
import { escaped, shownName } from '../text/show-text.ts';
import { type FindingRecord, notifiedSeverity } from './finding-record.ts';
import { isOwnDetection } from './own-finding.ts';
import { isWitnessed } from './with-testimony.ts';

/**
 * The sources of findings between which the delivery shares the room in messages: the monitor
 * itself, one of the log types, or a log group of another name. The list is closed, so nobody can
 * invent a source.
 */
export const findingSources = ['monitor', ...logTypes, 'other'] as const;

type FindingSource = (typeof findingSources)[number];

/** Who caused a finding, as precisely as its log stream or its access line shows. */
interface FindingActor {
  readonly source: FindingSource;
  /**
   * 16 hexadecimal digits, the same for all findings of one actor: a DAG (with all its runs, tasks
   * and map indexes), a DAG file, an Airflow user, else a log stream. The monitor's own findings
   * have one actor for each detection.
   */
  readonly key: string;
  /** For people, escaped: `DAG promote`. */
  readonly shown: string;
}

const shownCharactersMax = 100;

export function actorOfFinding(
  finding: Pick<Finding, 'actor' | 'detections' | 'evidence'>,
): FindingActor {
  const { actor, detections, evidence } = finding;
  const own = detections.find(isOwnDetection);
  const [first] = evidence;
  const witnessed = first !== undefined && isWitnessed(first);
  const source = own === undefined ? sourceOf(first?.logGroup) : 'monitor';
  const [kind, name] =
    own !== undefined
      ? (['own', own] as const)
      : actor.user !== undefined
        ? (['user', actor.user] as const)
        : actor.dag !== undefined
          ? (['dag', actor.dag] as const)
          : actor.dagFile !== undefined
            ? (['dag-file', actor.dagFile] as const)
            : witnessed
              ? (['witness', first.logStream] as const)
              : (['stream', first?.logStream ?? ''] as const);
  const key = createHash('sha256')
    .update(JSON.stringify([source, kind, name]))
    .digest('hex');
  return { source, key: key.slice(0, 16), shown: shownActor(kind, name) };
}

function sourceOf(logGroup = ''): LogType | 'other' {
  return logTypeOf(logGroup) ?? 'other';
}

type ActorKind = 'own' | 'user' | 'dag' | 'dag-file' | 'witness' | 'stream';

function shownActor(kind: ActorKind, name: string): string {
  switch (kind) {
    case 'own':
      return `the monitor itself (${escaped(name)})`;
    case 'user':
      return `Airflow user ${shownName(name, shownCharactersMax)}`;
    case 'dag':
      return `DAG ${shownName(name, shownCharactersMax)}`;
    case 'dag-file':
      return `DAG file ${shownName(name, shownCharactersMax)}`;
    case 'witness':
      return `somebody unknown (${shownName(name, shownCharactersMax)})`;
    default:
      return name === '' ? 'an unknown log stream' : `log stream ${shownName(name, 200)}`;
  }
}

/** Where the ledger stores a finding. */
export interface FindingPlace {
  readonly streamId: string;
  readonly anchorEpochMs: number;
  readonly findingId: string;
}

/** What the order of messages depends on, for a finding that is not sent yet. */
export interface WaitingFinding extends FindingPlace {
  readonly severity: Severity;
  readonly source: FindingSource;
  /** See FindingActor. */
  readonly actorKey: string;
  readonly firstSeenEpochMs: number;
  /** The tick that found it; absent for a finding that was sent before and has news. */
  readonly waitingSinceEpochMs?: number | undefined;
  /** Found by the lookback before the first tick. */
  readonly initial: boolean;
}

export function waitingFindingOf(record: FindingRecord): WaitingFinding {
  const { streamId, anchorEpochMs, finding, initial = false, delivery } = record;
  const { source, key } = actorOfFinding(finding);
  const isNew = notifiedSeverity(delivery) === undefined;
  return {
    ...{ streamId, anchorEpochMs, initial },
    ...{ findingId: finding.id, severity: finding.severity, source, actorKey: key },
    firstSeenEpochMs: Date.parse(finding.firstSeen),
    ...(isNew && { waitingSinceEpochMs: Date.parse(finding.detectedAt) }),
  };
}
