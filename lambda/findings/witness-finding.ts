import { createHash } from 'node:crypto';
import { cutText } from '../common/text.ts';
import { namesCharactersMax } from '../correlate/change.ts';
import type { AuditRow } from '../model/airflow-state.ts';
import type { AirflowWeb } from '../model/coverage.ts';
import { type Finding, higherSeverity, type Severity, severityRank } from '../model/finding.ts';
import { logGroupName, logTypes } from '../model/log-types.ts';
import { auditDetection, type StateChange, stateDetection } from '../model/testimony.ts';
import type { SideDestination } from '../plan/runtime-config.ts';
import { redactSecrets } from '../redact/redact.ts';
import type { FindingRecord } from './finding-record.ts';
import { airflowListLink, insightsQueryLink, logGroupLink } from './links.ts';
import { recordTestimony } from './record-testimony.ts';
import { changesPhrase, spanPhrase } from './state-words.ts';
import { clauseOf, invisibleOutcome } from './title.ts';
import { auditLogSource, rowSeverity, stateSource } from './with-testimony.ts';

/**
 * What only the second witness sees: findings about a privilege change, like those of a detection, that have
 * no line in any log.
 */
export const witnessDetections = [stateDetection, auditDetection] as const;

export type WitnessDetection = (typeof witnessDetections)[number];

export function isWitnessDetection(id: string | undefined): id is WitnessDetection {
  return witnessDetections.some((detection) => detection === id);
}

export interface WitnessSurroundings {
  readonly environment: string;
  readonly region: string;
  readonly tickEpochMs: number;
  readonly alertAt: Severity;
  readonly sides?: readonly SideDestination[];
  readonly airflow?: AirflowWeb | undefined;
}

/** The ledger's partition for such findings. */
export const witnessStreamId = 'witness';

export const witnessRunbook = 'docs/runbooks/state-change.md';
const titleCharactersMax = 250;

/**
 * The finding about one user or role whose change no log line explains. Its id depends only on who it is and
 * on the reading before it, so that it is one finding however often two readings are compared.
 *
 * @param changes of one user or role, between the same two readings, at least one
 */
export function stateFinding(
  changes: readonly StateChange[],
  surroundings: WitnessSurroundings,
): FindingRecord | undefined {
  const [first] = changes;
  if (first === undefined) return undefined;
  const { object, name, fromEpochMs, toEpochMs } = first;
  const severity = changes.map((change) => change.severity).reduce(higherSeverity, 'info');
  const isOfItself = changes.every(
    ({ because, severity: own }) => because === 'login' || (because !== undefined && own === 'low'),
  );
  const phrase = redactSecrets(changesPhrase(changes));
  const end = ` since ${spanPhrase(changes)}; ${isOfItself ? reasonOf(changes) : 'no log line explains it'} (experimental)`;
  const roles = changes.flatMap((change) =>
    change.object === 'role' ? [change.name] : (change.role ?? []),
  );
  const base = newRecord(
    {
      detection: stateDetection,
      identity: [object, name, fromEpochMs],
      severity,
      title: upper(cutText(phrase, titleCharactersMax - end.length), name) + end,
      headline: upper(phrase, name),
      attack: changes.some(({ kind }) => object === 'user' && kind === 'added')
        ? ['T1098', 'T1136.003']
        : ['T1098'],
      outcome: 'succeeded',
      ...(object === 'user' && { target: name }),
      ...(roles.length > 0 && { role: [...new Set(roles)].join(', ') }),
      firstEpochMs: fromEpochMs,
      lastEpochMs: toEpochMs,
    },
    surroundings,
  );
  return recordTestimony(base, { changes }, surroundings);
}

const reasons = {
  login: 'it looks like a login, at which IAM decides',
  'dag-access': "Airflow synchronizes the access to DAGs with the DAGs' files",
  upgrade: 'Airflow has a new version',
} as const;

function reasonOf(changes: readonly StateChange[]): string {
  return [...new Set(changes.flatMap(({ because }) => (because ? [reasons[because]] : [])))].join(
    '; ',
  );
}

/** A sentence begins with a capital letter, but a name stays as it is. */
function upper(sentence: string, name: string): string {
  return sentence.startsWith(name)
    ? sentence
    : sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/**
 * The finding about a command of the audit log that no log line repeats.
 *
 * @param row its id is the finding's
 */
export function auditFinding(
  row: AuditRow,
  surroundings: WitnessSurroundings,
): FindingRecord | undefined {
  const { commands, whenEpochMs, id, command } = row;
  const targets = names(commands.map(({ target }) => target));
  const roles = names(commands.flatMap(({ role, roles: all = [] }) => [role, ...all]));
  const verb = commands.length === 1 ? commands[0]?.verb : undefined;
  const does = clauseOf({ ...(verb && { verb }), targets, roles })?.does ?? 'changes privileges';
  const end = `${invisibleOutcome}; Airflow's audit log has it and no log line (experimental)`;
  const start = cutText(
    redactSecrets(`Somebody ran a command that ${does}`),
    titleCharactersMax - end.length,
  );
  const base = newRecord(
    {
      detection: auditDetection,
      identity: [id, whenEpochMs],
      severity: rowSeverity(row),
      title: start + end,
      headline: cutText(redactSecrets(`Hidden command: ${does}`), titleCharactersMax),
      attack: ['T1098', 'T1059.004'],
      outcome: 'unknown',
      ...(targets.length > 0 && { target: shortened(targets) }),
      ...(roles.length > 0 && { role: shortened(roles) }),
      firstEpochMs: whenEpochMs,
      lastEpochMs: whenEpochMs,
    },
    surroundings,
  );
  return recordTestimony(
    { ...base, ...(verb && { verb }) },
    { rows: [{ ...row, command }] },
    surroundings,
  );
}

function names(all: readonly (string | undefined)[]): string[] {
  return [...new Set(all.filter((name) => name !== undefined))];
}

function shortened(all: readonly string[]): string {
  return cutText(redactSecrets(all.join(', ')), namesCharactersMax);
}

interface NewFinding extends Pick<Finding, 'severity' | 'title' | 'outcome' | 'attack'> {
  readonly detection: WitnessDetection;
  readonly identity: readonly (string | number)[];
  readonly headline: string;
  readonly target?: string;
  readonly role?: string;
  readonly firstEpochMs: number;
  readonly lastEpochMs: number;
}

/** Where the ledger stores such a finding. */
function newRecord(found: NewFinding, surroundings: WitnessSurroundings): FindingRecord {
  const { environment, region, tickEpochMs, alertAt, sides = [], airflow } = surroundings;
  const { detection, identity, target, role, firstEpochMs, lastEpochMs, ...shown } = found;
  const id = createHash('sha256')
    .update(JSON.stringify([environment, detection, ...identity]))
    .digest('hex')
    .slice(0, 32);
  const logGroups = logTypes.map((logType) => logGroupName(environment, logType));
  const span = { region, firstEpochMs, lastEpochMs };
  const alerts = severityRank(found.severity) >= severityRank(alertAt);
  return {
    finding: {
      ...{ schema: 1, id, environment, ...shown },
      detections: [detection],
      actor: {},
      ...(target && { target }),
      ...(role && { role }),
      firstSeen: new Date(firstEpochMs).toISOString(),
      lastSeen: new Date(lastEpochMs).toISOString(),
      detectedAt: new Date(tickEpochMs).toISOString(),
      late: false,
      evidence: [],
      links: {
        logStream: logGroupLink(region, logGroups[0] ?? ''),
        insights: insightsQueryLink(span, logGroups, linesQuery),
        ...(airflow && { airflow: airflowListLink(airflow, target ? 'users' : 'roles') }),
      },
      runbook: witnessRunbook,
    },
    logGroup: detection === stateDetection ? stateSource : auditLogSource,
    ...{ streamId: witnessStreamId, anchorKey: id, anchorEpochMs: firstEpochMs },
    approved: false,
    unknownPublishes: 0,
    delivery: alerts ? { status: 'pending' } : { status: 'withheld' },
    ...(alerts && Object.fromEntries(sides.map((side) => [side, { status: 'pending' }]))),
    revision: 0,
  };
}

/** All lines of that time that have a word about users or roles: the witness knows no log stream. */
const linesQuery = [
  'fields @timestamp, @log, @logStream, @message',
  '| filter @message like /(?i)role|users|ab_user|perm/',
  '| sort @timestamp asc',
  '| limit 1000',
].join('\n');
