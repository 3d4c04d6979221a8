import { createHash } from 'node:crypto';
import { cutText } from '../common/text.ts';
import { namesCharactersMax } from '../correlate/change.ts';
import type { FindingRecord } from '../findings/finding-record.ts';
import { airflowListLink, insightsQueryLink, logGroupLink } from '../findings/links.ts';
import { changesPhrase, spanPhrase } from '../findings/state-words.ts';
import { clauseOf, invisibleOutcome } from '../findings/title.ts';
import { auditLogSource, rowSeverity, stateSource } from '../findings/with-testimony.ts';
import type { AuditRow } from '../model/airflow-state.ts';
import type { AirflowWeb } from '../model/coverage.ts';
import type { Finding } from '../model/finding.ts';
import { logGroupName, logTypes } from '../model/log-types.ts';
import { higherSeverity, type Severity, severityRank } from '../model/severity.ts';
import { auditDetection, type StateChange, stateDetection } from '../model/testimony.ts';
import type { SideDestination } from '../plan/runtime-config.ts';
import { redactSecrets } from '../redact/redact.ts';
import { shownName } from '../text/show-text.ts';
import { recordTestimony } from './record-testimony.ts';

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
const commandCharactersMax = 100;

/**
 * The finding about one user or role whose change no log line explains, or about very many of them. Its id
 * depends only on who it is and on the reading before it, so that it is one finding however often two
 * readings are compared.
 *
 * @param changes between the same two readings, at least one
 */
export function stateFinding(
  changes: readonly StateChange[],
  surroundings: WitnessSurroundings,
): FindingRecord | undefined {
  const worstFirst = changes.toSorted(
    (a, b) => severityRank(b.severity) - severityRank(a.severity),
  );
  const [worst] = worstFirst;
  if (worst === undefined) return undefined;
  const { object, name, severity } = worst;
  const isOfItself = changes.every(
    ({ because, severity: own }) => because === 'login' || (because !== undefined && own === 'low'),
  );
  const objects = new Set(changes.map((change) => JSON.stringify([change.object, change.name])));
  const isCrowd = objects.size > 1 && !changes.every(({ because }) => because === 'upgrade');
  const told = isCrowd ? worstFirst.slice(0, crowdNamedMax) : changes;
  const count = isCrowd ? `${objects.size} more users and roles changed: ` : '';
  const phrase = redactSecrets(`${count}${changesPhrase(told)}`);
  const end = ` since ${spanPhrase(changes)}; ${isOfItself ? reasonOf(changes) : 'no log line explains it'} (experimental)`;
  const users = told.flatMap((change) => (change.object === 'user' ? [change.name] : []));
  const roles = told.flatMap((change) =>
    change.object === 'role' ? [change.name] : (change.role ?? []),
  );
  const base = newRecord(
    {
      detection: stateDetection,
      identity: identityOf(worst, isCrowd),
      severity,
      title: upper(cutText(phrase, titleCharactersMax - end.length), name) + end,
      headline: upper(cutText(phrase, titleCharactersMax), name),
      attack: changes.some(({ kind }) => object === 'user' && kind === 'added')
        ? ['T1098', 'T1136.003']
        : ['T1098'],
      outcome: 'succeeded',
      ...(users.length > 0 && { target: shortened(names(users)) }),
      ...(roles.length > 0 && { role: shortened(names(roles)) }),
      firstEpochMs: Math.min(...told.map(({ fromEpochMs }) => fromEpochMs)),
      lastEpochMs: Math.max(...told.map(({ toEpochMs }) => toEpochMs)),
    },
    surroundings,
  );
  return recordTestimony(base, { changes: isCrowd ? told : worstFirst }, surroundings);
}

/** Of very many changes, or rows, those that the finding names; the first are the worst. */
const crowdNamedMax = 20;

function identityOf(
  { object, name, because, fromEpochMs }: StateChange,
  isCrowd: boolean,
): readonly (string | number)[] {
  if (isCrowd) return ['others', fromEpochMs];
  return because === 'upgrade' ? [because, fromEpochMs] : [object, name, fromEpochMs];
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
 * The finding about a command of the audit log that no log line repeats, or about very many of them.
 *
 * @param rows of one reading, at least one; the id of a single one is the finding's
 */
export function auditFinding(
  rows: readonly AuditRow[],
  surroundings: WitnessSurroundings,
): FindingRecord | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  const isCrowd = rows.length > 1;
  const told = rows.slice(0, crowdNamedMax);
  const commands = told.flatMap((row) => row.commands);
  const targets = names(commands.map(({ target }) => target));
  const roles = names(commands.flatMap(({ role, roles: all = [] }) => [role, ...all]));
  const verb = commands.length === 1 ? commands[0]?.verb : undefined;
  const does = isCrowd
    ? `change users or roles: ${rows.length} more, the first: ${shownName(first.command, commandCharactersMax)}`
    : (clauseOf({ ...(verb && { verb }), targets, roles })?.does ?? 'changes privileges');
  const end = `${invisibleOutcome}; Airflow's audit log has it and no log line (experimental)`;
  const start = cutText(
    redactSecrets(`Somebody ran ${isCrowd ? 'commands' : 'a command'} that ${does}`),
    titleCharactersMax - end.length,
  );
  const times = told.map(({ whenEpochMs }) => whenEpochMs);
  const base = newRecord(
    {
      detection: auditDetection,
      identity: isCrowd ? ['others', first.readEpochMs] : [first.id, first.whenEpochMs],
      severity: rows.map(rowSeverity).reduce(higherSeverity),
      title: start + end,
      headline: cutText(
        redactSecrets(`Hidden command${isCrowd ? 's' : ''}: ${does}`),
        titleCharactersMax,
      ),
      attack: ['T1098', 'T1059.004'],
      outcome: 'unknown',
      ...(targets.length > 0 && { target: shortened(targets) }),
      ...(roles.length > 0 && { role: shortened(roles) }),
      firstEpochMs: Math.min(...times),
      lastEpochMs: Math.max(...times),
    },
    surroundings,
  );
  return recordTestimony({ ...base, ...(verb && { verb }) }, { rows: told }, surroundings);
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
