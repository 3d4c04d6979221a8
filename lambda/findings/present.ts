import { cutText } from '../common/text.ts';
import { namesCharactersMax } from '../correlate/change.ts';
import { actorOf } from '../model/actor.ts';
import type { Change } from '../model/correlation-state.ts';
import type { AirflowWeb } from '../model/coverage.ts';
import type { Finding } from '../model/finding.ts';
import { severityRank } from '../model/severity.ts';
import type { DetectionInPlan } from '../plan/scan-plan.ts';
import { redactSecrets } from '../redact/redact.ts';
import { headlineOf } from './headline.ts';
import { airflowLink, insightsLink, logStreamLink } from './links.ts';
import { anchorOf, titleOf } from './title.ts';
import { undoOf } from './undo.ts';

/** What a finding shows of its detections. */
type DetectionFacts = Pick<DetectionInPlan, 'title' | 'severity' | 'attack' | 'runbook'>;

/**
 * What else than the scan of its own time found a change: a sweep, in lines that arrived after that scan
 * (`late`), or in lines that were there but not recognized (`later-look`), for instance because the
 * detection is new or was refused.
 */
export type FoundBy = 'late' | 'later-look';

interface PresentationContext {
  /** Name of the MWAA environment. */
  readonly environment: string;
  /** Of the log groups: links lead there. */
  readonly region: string;
  readonly detections: ReadonlyMap<string, DetectionFacts>;
  readonly detectedAtEpochMs: number;
  /** @default the scan of its own time */
  readonly foundBy?: FoundBy | undefined;
  /** Airflow's web interface. @default unknown: the finding has no link to it */
  readonly airflow?: AirflowWeb | undefined;
}

/** Presents a change as it is published (schema 1), with all its evidence; a notification may show less. */
export function presentFinding(change: Change, context: PresentationContext): Finding {
  const evidence = change.evidence.toSorted(
    (a, b) => a.timestamp - b.timestamp || (a.key < b.key ? -1 : 1),
  );
  const firstEpochMs = evidence[0]?.timestamp ?? change.anchorEpochMs;
  const lastEpochMs = evidence.at(-1)?.timestamp ?? change.anchorEpochMs;
  const detections = worstFirst(change.detections, context.detections);
  const known = detections.flatMap((id) => context.detections.get(id) ?? []);
  const anchor = anchorOf(change);
  const actor = actorOf(anchor, change.user);
  const { logGroup, logStream } = anchor;
  const place = { region: context.region, logGroup, logStream, firstEpochMs, lastEpochMs };
  const airflow = airflowLink(context.airflow, actor);
  const target = joined(change.targets);
  const role = joined(change.roles);
  const undo = undoOf(change);
  const shown = withoutSecrets(change);
  const fallback = known[0]?.title ?? 'Airflow privileges were changed';
  return {
    schema: 1,
    id: change.id,
    environment: context.environment,
    severity: change.severity,
    title: redactSecrets(titleOf(shown, fallback)),
    headline: redactSecrets(headlineOf(shown, fallback, context.environment)),
    detections,
    attack: [...new Set(known.flatMap(({ attack }) => attack))].sort(),
    actor,
    ...(target === undefined ? {} : { target }),
    ...(role === undefined ? {} : { role }),
    firstSeen: new Date(firstEpochMs).toISOString(),
    lastSeen: new Date(lastEpochMs).toISOString(),
    detectedAt: new Date(context.detectedAtEpochMs).toISOString(),
    late: context.foundBy === 'late',
    ...(context.foundBy === 'later-look' && { laterLook: true }),
    outcome: change.outcome,
    evidence: evidence.map((event) => ({
      logGroup: event.logGroup,
      logStream: event.logStream,
      timestamp: new Date(event.timestamp).toISOString(),
      message: event.message,
      ...(event.cut && { cut: true }),
      occurrences: event.occurrences,
    })),
    ...(undo === undefined ? {} : { undo }),
    links: {
      logStream: logStreamLink(place),
      insights: insightsLink(place),
      ...(airflow === undefined ? {} : { airflow }),
    },
    runbook: known[0]?.runbook ?? 'docs/runbooks/privilege-change.md',
  };
}

/** Redacts names as they were written, since a title escapes some of their characters. */
function withoutSecrets(change: Change): Change {
  const { targets, roles, object, user } = change;
  return {
    ...change,
    targets: targets.map(redactSecrets),
    roles: roles.map(redactSecrets),
    ...(object !== undefined && { object: redactSecrets(object) }),
    ...(user !== undefined && { user: redactSecrets(user) }),
  };
}

/** The worst detection first: its title and runbook are the finding's. */
function worstFirst(
  ids: readonly string[],
  detections: ReadonlyMap<string, DetectionFacts>,
): string[] {
  const rank = (id: string) => severityRank(detections.get(id)?.severity ?? 'info');
  return ids.toSorted((a, b) => rank(b) - rank(a) || (a < b ? -1 : 1));
}

function joined(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  return cutText(redactSecrets(names.join(', ')), namesCharactersMax);
}
